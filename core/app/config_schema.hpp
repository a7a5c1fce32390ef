// config/unigate.schema.json, embedded at build time.
#pragma once

#include <string_view>

namespace unigate::app {

std::string_view configSchema();

}  // namespace unigate::app
