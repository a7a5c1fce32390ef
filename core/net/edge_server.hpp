// The HTTP edge: accepts connections on one event loop, reads strictly parsed HTTP/1.1 requests
// under limits and deadlines, hands each complete request to a handler and writes the answers in
// order.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/limits.hpp"
#include "base/result.hpp"
#include "net/event_loop.hpp"

namespace unigate::net {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

// First header of that name, without regard to case; nullptr when absent.
const std::string* findHeader(const HeaderList& headers, std::string_view name);

// One complete request. Everything is owned.
struct Request {
  std::string method;
  std::string target;  // as it came
  std::string path;    // before '?', still percent-encoded
  std::string query;   // after '?', still percent-encoded
  int versionMinor = 1;
  HeaderList headers;  // names as they came
  std::string body;
  std::string remoteAddress;  // numeric, without port
  bool tls = false;
  std::int64_t receivedUs = 0;  // monotonic, when the last byte was read

  const std::string* header(std::string_view name) const { return findHeader(headers, name); }
};

struct Response {
  int status = 200;
  HeaderList headers;  // without Content-Length, Date and Connection, which the server writes
  std::string body;
  bool close = false;  // close the connection after this answer
};

// Answers one request, once, from the loop's thread. Copies share the one answer. Safe to use after
// the client has gone (the answer is dropped). If every copy dies unanswered, the client gets a
// 500.
class Responder {
 public:
  struct State;
  explicit Responder(std::shared_ptr<State> state) : state_(std::move(state)) {}
  void send(Response response) const;
  // False when the client has gone away.
  bool connected() const;

 private:
  std::shared_ptr<State> state_;  // shared: the connection and whoever works on the answer
};

struct EdgeSettings {
  std::string listen = "127.0.0.1:8080";  // address:port, [v6]:port; port 0 picks a free one
  std::string tlsCertificateFile;         // PEM chain; empty: plain HTTP
  std::string tlsKeyFile;
  std::size_t headersMax = base::limits::kHeadersMax;
  std::size_t headerBytesMax = base::limits::kHeaderBytesMax;
  std::size_t uriBytesMax = base::limits::kUriBytesMax;
  std::size_t bodyBytesMax = base::limits::kBodyBytesMax;
  std::int64_t headerDeadlineMs = base::limits::kHeaderDeadlineMs;
  std::int64_t bodyDeadlineMs = base::limits::kBodyDeadlineMs;
  std::int64_t keepAliveMs = base::limits::kKeepAliveMs;
  std::int64_t writeDeadlineMs = base::limits::kWriteDeadlineMs;
  std::size_t connectionsMax = base::limits::kConnectionsMax;
  std::size_t connectionsPerAddressMax = base::limits::kConnectionsPerAddressMax;
};

// Counts connections over all loops, in total and per address.
class ConnectionLedger {
 public:
  ConnectionLedger(std::size_t totalMax, std::size_t perAddressMax);
  ~ConnectionLedger();
  // False when a cap is reached; then nothing was counted. Any thread.
  bool enter(const std::string& address);
  void leave(const std::string& address);
  std::size_t total() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Counters that the owner reads for metrics. Relaxed atomics, any thread.
struct EdgeCounters {
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> refusedByCap{0};
  std::atomic<std::uint64_t> badRequests{0};
  std::atomic<std::uint64_t> timeouts{0};
  std::atomic<std::uint64_t> acceptPauses{0};   // the machine was out of file descriptors or memory
  std::atomic<std::uint64_t> handlerFaults{0};  // exceptions out of a handler or error renderer
  std::atomic<std::int64_t> open{0};
};

// The body of an answer that the edge itself gives (400, 408, 413, 414, 417, 431, 500, 503):
// (status, code, detail) to a whole Response, so that the owner decides on problem+json.
using ErrorRenderer =
    std::function<Response(int status, std::string_view code, std::string_view detail)>;
using Handler = std::function<void(Request&&, Responder)>;

// One server on one loop. Several servers with the same address share it by SO_REUSEPORT.
class EdgeServer {
 public:
  EdgeServer(EventLoop& loop, EdgeSettings settings, std::shared_ptr<ConnectionLedger> ledger,
             Handler handler, ErrorRenderer errors);
  ~EdgeServer();
  EdgeServer(const EdgeServer&) = delete;
  EdgeServer& operator=(const EdgeServer&) = delete;

  // Before the loop runs, or on its thread. The problem names the address and the remedy (occupied
  // port, unreadable certificate, key that does not fit, no permission).
  base::Status listen();
  std::uint16_t port() const;
  // [loop thread] Stops accepting, closes idle connections, lets requests in flight finish (their
  // answers carry Connection: close) and calls `drained` once when the last connection is gone or
  // `timeoutMs` has passed.
  void drain(std::int64_t timeoutMs, std::function<void()> drained);
  const EdgeCounters& counters() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace unigate::net
