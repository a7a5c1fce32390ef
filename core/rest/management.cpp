#include "rest/management.hpp"

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "rest/access.hpp"
#include "telemetry/logger.hpp"

namespace unigate::rest {

namespace {

base::Problem tooBusy() {
  return {503, "too_busy", "Too many management requests are waiting; try again shortly.", "", true,
          1,   {}};
}

// Runs the handler; whatever it throws becomes a 500 that tells nothing, and a line in the log.
base::Result<ManagementReply> handled(const ManagementHandler& handler,
                                      const ManagementCall& call) {
  try {
    return handler(call);
  } catch (const std::exception& error) {
    call.shared.log.log(telemetry::Level::error, "management request failed", call.call.requestId,
                        {telemetry::Field::text("detail", error.what())});
    return base::fail(500, "internal_error",
                      "The gateway failed at this request; its log says why.");
  }
}

void answer(const Call::Ptr& call, base::Result<ManagementReply> reply) {
  if (!reply) return call->fail(reply.error());
  net::Response response;
  response.status = reply->status;
  response.headers = std::move(reply->headers);
  if (reply->status != 204) response.headers.emplace_back("Content-Type", "application/json");
  // What management answers may hold a key or personal data.
  response.headers.emplace_back("Cache-Control", "no-store");
  response.body = std::move(reply->body);
  call->send(std::move(response));
}

}  // namespace

struct ManagementPool::Impl {
  store::Store& store;
  std::size_t threadCount;
  std::size_t queueMax;
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<Task> waiting;
  bool stopping = false;
  std::vector<std::thread> threads;

  void serve(store::ReadSession& reader) {
    for (;;) {
      Task task;
      {
        std::unique_lock lock(mutex);
        wake.wait(lock, [this] { return stopping || !waiting.empty(); });
        if (waiting.empty()) return;
        task = std::move(waiting.front());
        waiting.pop_front();
      }
      task(reader);
    }
  }
};

ManagementPool::ManagementPool(store::Store& store, std::size_t threads, std::size_t queueMax)
    : impl_(new Impl{store, threads, queueMax, {}, {}, {}, false, {}}) {}

ManagementPool::~ManagementPool() {
  stop();
}

base::Status ManagementPool::start() {
  std::vector<std::unique_ptr<store::ReadSession>> readers;
  for (std::size_t i = 0; i < impl_->threadCount; ++i) {
    auto reader = impl_->store.openReader();
    if (!reader) return base::fail(reader.error());
    readers.push_back(std::move(*reader));
  }
  for (auto& reader : readers) {
    impl_->threads.emplace_back(
        [impl = impl_.get(), own = std::move(reader)] { impl->serve(*own); });
  }
  return {};
}

bool ManagementPool::submit(Task task) {
  {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->stopping || impl_->waiting.size() >= impl_->queueMax) return false;
    impl_->waiting.push_back(std::move(task));
  }
  impl_->wake.notify_one();
  return true;
}

void ManagementPool::stop() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->wake.notify_all();
  for (std::thread& each : impl_->threads) each.join();
  impl_->threads.clear();
}

void admitUser(const Call::Ptr& call, std::string_view resource, std::string_view access,
               std::function<void()> go) {
  const bool taken = call->shared.management->submit(
      [call, resource, access, go = std::move(go)](store::ReadSession& reader) mutable {
        auto admitted = handled(
            [&](const ManagementCall&) -> base::Result<ManagementReply> {
              if (auto status = recognise(*call, reader, resource, access); !status)
                return base::fail(status.error());
              return ManagementReply{};
            },
            {*call, call->shared, reader});
        call->gateway.later([call, admitted = std::move(admitted), go = std::move(go)] {
          if (!admitted) return call->fail(admitted.error());
          go();
        });
      });
  if (!taken) call->fail(tooBusy());
}

Route managed(std::string_view method, std::string pattern, std::string_view resource,
              std::string_view access, Route::Body body, std::vector<std::string_view> queryNames,
              ManagementHandler handler) {
  const auto shared = std::make_shared<const ManagementHandler>(std::move(handler));
  return {method,
          std::move(pattern),
          resource,
          access,
          body,
          std::move(queryNames),
          [shared, resource, access](const Call::Ptr& call) {
            const bool taken = call->shared.management->submit(
                [shared, call, resource, access](store::ReadSession& reader) {
                  auto reply = handled(
                      [&](const ManagementCall& management) -> base::Result<ManagementReply> {
                        if (!call->userToken.empty()) {
                          if (auto status = recognise(*call, reader, resource, access); !status)
                            return base::fail(status.error());
                        }
                        return (*shared)(management);
                      },
                      {*call, call->shared, reader});
                  // Back to the loop that this request belongs to.
                  call->gateway.later([call, reply = std::move(reply)]() mutable {
                    answer(call, std::move(reply));
                  });
                });
            if (!taken) call->fail(tooBusy());
          },
          true};
}

}  // namespace unigate::rest
