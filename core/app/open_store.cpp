#include "app/open_store.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/text.hpp"
#include "rest/api.hpp"
#include "store/migrations.hpp"

namespace unigate::app {

base::Status migrateStore(const Config& config, const base::Clock& clock) {
  const bool sqlite = config.storeUrl.rfind("sqlite:", 0) == 0;
  // Without the owner's role the schema has to be current: Store::open() looks.
  if (!sqlite && config.storeOwnerUrl.empty()) return {};
  const auto report = sqlite ? store::migrate(config.storeUrl, clock)
                             : store::migrate(config.storeOwnerUrl, clock, config.storeUrl);
  if (!report) return base::fail(report.error());
  return {};
}

store::StoreSettings settingsOf(const Config& config, std::string owner) {
  store::StoreSettings settings;
  settings.url = config.storeUrl;
  settings.owner = std::move(owner);
  settings.logRetentionMonths = config.logRetentionMonths;
  return settings;
}

base::Result<std::unique_ptr<store::Store>> openStore(const Config& config,
                                                      const base::Clock& clock) {
  if (auto migrated = migrateStore(config, clock); !migrated) return base::fail(migrated.error());
  return store::Store::open(settingsOf(config, "command line"), clock);
}

std::vector<std::string> namesUnknown(const Config& config,
                                      const plugin_host::PluginRegistry& plugins) {
  std::vector<std::string> lines;
  for (const auto& [provider, environments] : config.endpoints) {
    if (plugins.find(provider) == nullptr)
      lines.push_back("providers." + provider + ": no plugin of that name is in service");
  }
  for (const auto& [provider, file] : config.webhookRoots) {
    if (plugins.find(provider) == nullptr)
      lines.push_back("providers." + provider +
                      ".webhook_roots: no plugin of that name is in service");
  }
  for (const auto& [operation, provider] : config.routingDefaults) {
    const plugin_host::Plugin* plugin = plugins.find(provider);
    if (plugin == nullptr) {
      lines.push_back("routing.defaults." + operation + ": no plugin \"" + provider +
                      "\" is in service");
    } else if (plugin->manifest().findOperation(operation) == nullptr) {
      lines.push_back("routing.defaults." + operation + ": " + provider +
                      " has no operation of that name");
    }
  }
  const auto routes = rest::routeNames();
  const std::vector<std::string_view> known(routes.begin(), routes.end());
  for (const auto& [route, limit] : config.limits.routes) {
    if (std::find(routes.begin(), routes.end(), route) != routes.end()) continue;
    const auto nearest = base::nearestOf(route, known);
    lines.push_back("limits.routes: there is no route \"" + route + "\"" +
                    (nearest ? "; did you mean \"" + std::string(*nearest) + "\"?" : ""));
  }
  return lines;
}

base::Result<ServeLock> ServeLock::take(const std::string& storeUrl) {
  constexpr std::string_view kSqlite = "sqlite:";
  if (storeUrl.rfind(kSqlite, 0) != 0) return ServeLock();
  const std::string path = storeUrl.substr(kSqlite.size()) + ".serving";
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) {
    return base::fail(500, "cannot_lock", "cannot open " + path + ": " + std::strerror(errno));
  }
  ServeLock lock(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    return base::fail(500, "already_served",
                      "another gateway serves this database (it holds " + path +
                          "); stop it first, or set another store.url");
  }
  return lock;
}

ServeLock::ServeLock(ServeLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

ServeLock& ServeLock::operator=(ServeLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

ServeLock::~ServeLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace unigate::app
