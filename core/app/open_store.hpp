// Opens the database for a subcommand: migrates it first, so that a fresh file simply works, and
// sees to it that one gateway alone serves it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/config.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "plugin_host/plugin_registry.hpp"
#include "store/store.hpp"

namespace unigate::app {

// For a subcommand other than `serve`.
base::Result<std::unique_ptr<store::Store>> openStore(const Config& config,
                                                      const base::Clock& clock);

// Brings the database up to date; on PostgreSQL only where the owner's URL is configured.
base::Status migrateStore(const Config& config, const base::Clock& clock);

// What the configuration says of the store. `owner` is who writes.
store::StoreSettings settingsOf(const Config& config, std::string owner);

// What `providers` and `routing.defaults` name and no plugin in service has, and limits of routes
// that there are not, a line each: mostly typing errors.
std::vector<std::string> namesUnknown(const Config& config,
                                      const plugin_host::PluginRegistry& plugins);

// Held by `serve` as long as it runs. A second gateway on the same SQLite file would take up the
// operations of the first as if it had crashed. The kernel lets go when the process ends.
class ServeLock {
 public:
  static base::Result<ServeLock> take(const std::string& storeUrl);

  ServeLock() = default;
  ServeLock(ServeLock&& other) noexcept;
  ServeLock& operator=(ServeLock&& other) noexcept;
  ~ServeLock();

 private:
  explicit ServeLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_ = -1;
};

}  // namespace unigate::app
