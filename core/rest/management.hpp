// Routes of the management API: plain blocking handlers on a small pool of threads, so that they
// may wait for the database, a password hash or a provider without holding up an event loop.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "rest/call.hpp"
#include "store/store.hpp"

namespace unigate::rest {

class ManagementPool {
 public:
  using Task = std::function<void(store::ReadSession&)>;

  // `store` must outlive it. At most `queueMax` tasks wait.
  ManagementPool(store::Store& store, std::size_t threads, std::size_t queueMax);
  // Finishes what waits.
  ~ManagementPool();
  ManagementPool(const ManagementPool&) = delete;
  ManagementPool& operator=(const ManagementPool&) = delete;

  // Opens each thread's reads and starts the threads. Once.
  base::Status start();
  // [any thread] Runs `task` on one of the threads with that thread's reads; false when too many
  // wait.
  bool submit(Task task);
  // Finishes what waits and ends the threads; later tasks are refused.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// What a handler works with. Of `call`, only what was asked is read: it is answered by what the
// handler returns.
struct ManagementCall {
  const Call& call;
  ApiShared& shared;
  store::ReadSession& reader;

  const std::string& param(std::size_t index) const { return call.param(index); }
  const std::string& orgId() const { return call.tenant.orgId; }
};

struct ManagementReply {
  int status = 200;
  std::string body;              // JSON; empty with 204
  net::HeaderList headers = {};  // besides Content-Type
};

// Blocks as it likes; runs on any thread of the pool, several at once. An exception is a 500.
using ManagementHandler = std::function<base::Result<ManagementReply>(const ManagementCall&)>;

// [event loop] Finds out in the pool whose token the call holds and whether he may do this, then
// calls `go` on the loop; answers the call itself when he may not.
void admitUser(const Call::Ptr& call, std::string_view resource, std::string_view access,
               std::function<void()> go);

// The route whose requests go to `handler`. The other parameters are those of Route.
Route managed(std::string_view method, std::string pattern, std::string_view resource,
              std::string_view access, Route::Body body, std::vector<std::string_view> queryNames,
              ManagementHandler handler);

}  // namespace unigate::rest
