// `unigate serve`: opens everything, runs one event loop for each core until SIGTERM or SIGINT, and
// ends gracefully.
#pragma once

#include "app/config.hpp"
#include "base/result.hpp"

namespace unigate::app {

// Blocks until the process is told to stop. A Problem means that it could not start: its detail is
// the one line to print.
base::Status runServer(const Config& config);

}  // namespace unigate::app
