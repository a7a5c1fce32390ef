// One client's connection: reads requests, keeps their order, enforces deadlines and writes the
// answers. Made and owned by an EdgeServer; all on the loop's thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/edge_server.hpp"
#include "net/event_loop.hpp"
#include "net/http_parser.hpp"
#include "net/http_writer.hpp"
#include "net/tls.hpp"
#include "net/transport.hpp"

namespace unigate::net {

class Connection;

// What the connections of one server share.
struct EdgeShared {
  EdgeShared(EventLoop& ownLoop, EdgeSettings ownSettings)
      : loop(ownLoop), settings(std::move(ownSettings)) {}
  virtual ~EdgeShared() = default;
  EdgeShared(const EdgeShared&) = delete;
  EdgeShared& operator=(const EdgeShared&) = delete;

  // Destroys the connection.
  virtual void remove(Connection& connection) = 0;
  // The owner's answer for an error of the edge, or a plain one when the owner has none.
  Response render(int status, std::string_view code, std::string_view detail) const;

  EventLoop& loop;
  const EdgeSettings settings;
  HttpLimits limits;
  std::shared_ptr<ConnectionLedger> ledger;  // shared by the servers of all loops
  Handler handler;
  ErrorRenderer errors;
  mutable EdgeCounters counters;
  HttpDate date;
  std::shared_ptr<TlsContext> tls;  // shared with sessions that outlive a reload
  std::vector<char> readBuffer = std::vector<char>(64 * 1024);
  std::string scratch;  // answers on their way to the socket
  bool draining = false;
};

// How an answer finds its connection: null once it is gone. Responders on any thread may look.
struct ConnectionHandle {
  EventLoop* loop = nullptr;
  std::atomic<Connection*> connection{nullptr};
};

class Connection {
 public:
  // Takes over `fd`, which has entered the ledger under `address`.
  Connection(EdgeShared& shared, int fd, std::string address);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Begins to watch the socket. Throws std::system_error when the kernel refuses.
  void start();
  void answer(std::uint32_t sequence, Response response);
  // For a request whose responders have all died: 500.
  void answerMissing(std::uint32_t sequence);
  bool peerConnected() const { return phase_ != Phase::dead; }
  // Closes when idle; else the answer to the last request in flight closes.
  void drain();

  std::size_t index = 0;  // in the server's list

 private:
  enum class Phase : std::uint8_t {
    serving,
    closing,    // no further request is read; what is owed is written
    lingering,  // all is written: waits for the peer to close, so that no reset eats the answer
    dead,
  };
  enum class Wait : std::uint8_t { none, handshake, idle, header, body, linger };
  struct Slot {
    bool ready = false;
    bool head = false;
    bool keepAlive = true;
    bool http10 = false;
    Response response;
  };
  // Runs around everything that comes from outside: settles at the end, and destroys the connection
  // when it has died.
  class Turn;

  void onEvents(std::uint32_t events);
  void onTimer();
  void readSome();
  void discardSome();
  void consume(std::string_view data);
  void dispatch();
  void refuse(const HttpRefusal& refusal);
  void settle();
  void writeReady();
  void sendContinue();
  void sendBytes(std::string_view bytes);
  void flush();
  IoResult write(std::string_view bytes);
  void beginLinger();
  void updateInterest();
  void updateWait();
  Wait currentWait() const;
  std::int64_t waitMs(Wait wait) const;
  void arm();

  bool quiet() const { return slots_.empty() && out_.empty(); }
  bool hasRoom() const { return slots_.size() < base::limits::kPipelineDepthMax && out_.empty(); }
  // True when the parser may be given bytes: within a request always, before one if there is room.
  bool acceptsInput() const { return phase_ == Phase::serving && (parser_.started() || hasRoom()); }
  bool wantsToRead() const { return acceptsInput() && in_.empty() && !readClosed_; }

  EdgeShared& shared_;
  const int fd_;
  Phase phase_ = Phase::serving;
  Wait wait_ = Wait::none;
  bool readClosed_ = false;
  bool readWantsWrite_ = false;  // TLS handshake
  bool writeWantsRead_ = false;
  bool continueSent_ = false;
  bool inTurn_ = false;
  std::uint32_t interest_ = 0;
  std::uint32_t firstSequence_ = 0;  // of slots_[0]
  std::int64_t waitDeadlineMs_ = 0;
  std::int64_t writeDeadlineMs_ = 0;  // 0: nothing is stuck
  std::int64_t timerDueMs_ = 0;
  EventLoop::TimerId timer_ = 0;
  std::size_t outAt_ = 0;
  HttpParser parser_;
  std::string address_;
  std::string in_;           // read, but not yet parsed for want of room
  std::string out_;          // what the socket did not take at once
  std::vector<Slot> slots_;  // requests in flight, in order
  std::unique_ptr<TlsSession> tls_;
  std::shared_ptr<ConnectionHandle> handle_;  // shared with the responders
};

}  // namespace unigate::net
