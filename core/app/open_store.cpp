#include "app/open_store.hpp"

#include "store/migrations.hpp"

namespace unigate::app {

base::Result<std::unique_ptr<store::Store>> openStore(const std::string& url,
                                                      const base::Clock& clock,
                                                      store::WriterSettings writer) {
  if (auto migrated = store::migrate(url, clock); !migrated) return base::fail(migrated.error());
  return store::Store::open({url, std::move(writer)}, clock);
}

}  // namespace unigate::app
