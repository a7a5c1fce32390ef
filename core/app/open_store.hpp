// Opens the database for a subcommand: migrates it first, so that a fresh file simply works.
#pragma once

#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/store.hpp"

namespace unigate::app {

base::Result<std::unique_ptr<store::Store>> openStore(const std::string& url,
                                                      const base::Clock& clock,
                                                      store::WriterSettings writer = {});

}  // namespace unigate::app
