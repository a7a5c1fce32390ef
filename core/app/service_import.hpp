// `unigate service import`: what POST /api/onboarding does, from a terminal: a review of what a
// .env file holds, then, when that is confirmed, credentials tried and stored and one API key made.
#pragma once

#include "app/command_line.hpp"

namespace unigate::app {

int importServices(const Arguments& arguments);

}  // namespace unigate::app
