// The client side: sends HTTP requests to providers from an event loop over libcurl's multi
// interface. Strict TLS, pooled connections, absolute deadlines, capped answers, no redirects, no
// proxies, no cookies.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "net/edge_server.hpp"
#include "net/event_loop.hpp"

namespace unigate::net {

struct UpstreamRequest {
  std::string method;  // "GET", "POST", ...
  std::string url;  // absolute, https (http only to loopback and only when the settings allow it)
  HeaderList headers;  // authentication included
  std::string body;
  std::int64_t timeoutMs = 30'000;  // whole request, absolute
  std::size_t responseBytesMax = base::limits::kResponseBodyBytesMax;
  // Asked when the connection stands, right before the first byte would be written: false, and the
  // request ends as notSent. May be empty.
  std::function<bool()> mayLeave;
};

// What became of a request. The difference between notSent and noAnswer decides about money:
// notSent is given only when not one byte of the request can have reached the peer.
enum class UpstreamOutcome { response, notSent, noAnswer };

struct UpstreamResult {
  UpstreamOutcome outcome = UpstreamOutcome::notSent;
  int status = 0;
  HeaderList headers;
  std::string body;
  std::string error;            // for the log: what failed, without URL query and headers
  std::int64_t providerUs = 0;  // request handed to the wire until the last byte of the answer
  std::int64_t connectUs = 0;   // of it: name look-up, TCP and TLS; 0 on a reused connection
  bool reused = false;
};

struct UpstreamSettings {
  bool allowLoopbackHttp = false;
  // Addresses of private, link-local, loopback and other special networks are refused after name
  // look-up unless this is set or the literal loopback is allowed by `allowLoopbackHttp`.
  bool allowPrivateAddresses = false;
  std::int64_t connectTimeoutMs = 10'000;
  long connectionsPerHostMax = 256;
  long connectionsTotalMax = 4096;
  std::size_t queueMax =
      base::limits::kOperationsInFlightMax;  // requests in flight; beyond it notSent at once
  std::string caFile;                        // PEM; empty: the system's store
};

struct UpstreamCounters {
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> notSent{0};
  std::atomic<std::uint64_t> noAnswer{0};
  std::atomic<std::uint64_t> connectionsOpened{0};
  std::atomic<std::int64_t> inFlight{0};
};

// One client on one loop; all calls on the loop's thread. A request is written at most once: when a
// kept-alive connection dies without an answer, it is not repeated but ends as noAnswer. An answer
// is complete or it is none: one whose length is not told (RFC 9112 section 8) is noAnswer too.
class UpstreamClient {
 public:
  using RequestId = std::uint64_t;
  using Done = std::function<void(UpstreamResult)>;

  // Throws when libcurl lacks an option that a guard needs, or memory.
  UpstreamClient(EventLoop& loop, UpstreamSettings settings);
  // Ends all requests and calls their `done` before it returns. Not from within a `done`.
  ~UpstreamClient();
  UpstreamClient(const UpstreamClient&) = delete;
  UpstreamClient& operator=(const UpstreamClient&) = delete;

  // `done` is called exactly once, from the loop, never from inside send(). notSent is also the
  // answer to a request that can't be sent: a URL or header that is not allowed, a full queue.
  RequestId send(UpstreamRequest request, Done done);
  // Ends a request; `done` is still called, with noAnswer or, if nothing was written, notSent.
  void cancel(RequestId id);
  const UpstreamCounters& counters() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace unigate::net
