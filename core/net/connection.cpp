#include "net/connection.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "net/responder.hpp"

namespace unigate::net {

namespace {

constexpr std::int64_t kLingerMs = 2000;
constexpr int kReadsPerEvent = 8;  // then others have their turn
constexpr std::size_t kScratchKept = 256 * 1024;
constexpr std::size_t kSlotsKeptIdle = 2;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

class Connection::Turn {
 public:
  explicit Turn(Connection& connection) : connection_(connection), outer_(!connection.inTurn_) {
    connection.inTurn_ = true;
  }
  ~Turn() {
    if (!outer_) return;
    connection_.settle();
    connection_.inTurn_ = false;
    if (connection_.phase_ == Phase::dead) connection_.shared_.remove(connection_);
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  Connection& connection_;
  bool outer_;
};

Connection::Connection(EdgeShared& shared, int fd, std::string address)
    : shared_(shared),
      fd_(fd),
      parser_(shared.limits),
      address_(std::move(address)),
      handle_(std::make_shared<ConnectionHandle>()) {
  handle_->loop = &shared.loop;
  handle_->connection = this;
  shared_.counters.open.fetch_add(1, std::memory_order_relaxed);
}

Connection::~Connection() {
  handle_->connection = nullptr;
  shared_.loop.cancel(timer_);
  shared_.loop.unwatch(fd_);
  if (tls_ != nullptr) tls_->shutDown();
  close(fd_);
  shared_.ledger->leave(address_);
  shared_.counters.open.fetch_sub(1, std::memory_order_relaxed);
}

void Connection::start() {
  if (shared_.tls != nullptr) tls_ = shared_.tls->accept(fd_);
  interest_ = EPOLLIN | EPOLLRDHUP;
  shared_.loop.watch(fd_, interest_, [this](std::uint32_t events) { onEvents(events); });
  const Turn turn(*this);
  if (shared_.tls != nullptr && tls_ == nullptr) phase_ = Phase::dead;
}

void Connection::onEvents(std::uint32_t events) {
  const Turn turn(*this);
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
    phase_ = Phase::dead;
    return;
  }
  if (!out_.empty()) flush();
  if (phase_ == Phase::lingering) {
    discardSome();
  } else if ((events & (EPOLLIN | EPOLLRDHUP)) != 0 || readWantsWrite_) {
    readSome();
  }
}

void Connection::readSome() {
  std::vector<char>& buffer = shared_.readBuffer;
  for (int i = 0; i < kReadsPerEvent && wantsToRead(); ++i) {
    const IoResult got = tls_ != nullptr ? tls_->read(buffer.data(), buffer.size())
                                         : socketRead(fd_, buffer.data(), buffer.size());
    readWantsWrite_ = got.kind == IoResult::Kind::wantWrite;
    if (got.kind == IoResult::Kind::closed) readClosed_ = true;
    if (got.kind == IoResult::Kind::failed) phase_ = Phase::dead;
    if (got.kind != IoResult::Kind::bytes) return;
    consume({buffer.data(), got.size});
    // A short read has emptied the socket; epoll tells of the rest.
    if (tls_ != nullptr ? !tls_->hasBuffered() : got.size < buffer.size()) return;
  }
}

void Connection::discardSome() {
  std::vector<char>& buffer = shared_.readBuffer;
  for (int i = 0; i < kReadsPerEvent; ++i) {
    const IoResult got = socketRead(fd_, buffer.data(), buffer.size());
    if (got.kind == IoResult::Kind::wantRead) return;
    if (got.kind != IoResult::Kind::bytes) {
      phase_ = Phase::dead;
      return;
    }
  }
}

void Connection::consume(std::string_view data) {
  while (!data.empty() && acceptsInput()) {
    std::size_t consumed = 0;
    const HttpParser::Status status = parser_.feed(data, consumed);
    data.remove_prefix(consumed);
    if (status == HttpParser::Status::refused) {
      shared_.counters.badRequests.fetch_add(1, std::memory_order_relaxed);
      refuse(parser_.refusal());
    } else if (status == HttpParser::Status::complete) {
      dispatch();
    }
  }
  if (phase_ == Phase::serving) in_.append(data);
}

void Connection::dispatch() {
  Slot slot;
  slot.keepAlive = parser_.keepAlive() && !shared_.draining;
  Request request = parser_.take();
  request.remoteAddress = address_;
  request.tls = tls_ != nullptr;
  request.receivedUs = shared_.loop.clock().monotonicUs();
  slot.head = request.method == "HEAD";
  slot.http10 = request.versionMinor == 0;
  if (!slot.keepAlive) phase_ = Phase::closing;
  const auto sequence = firstSequence_ + static_cast<std::uint32_t>(slots_.size());
  slots_.push_back(std::move(slot));
  wait_ = Wait::none;
  continueSent_ = false;
  try {
    shared_.handler(std::move(request),
                    Responder(std::make_shared<Responder::State>(handle_, sequence)));
  } catch (...) {
    // The handler's responder has died with it, which answers 500 unless it had answered already.
    shared_.counters.handlerFaults.fetch_add(1, std::memory_order_relaxed);
  }
}

void Connection::refuse(const HttpRefusal& refusal) {
  Slot slot;
  slot.ready = true;
  slot.keepAlive = false;
  slot.response = shared_.render(refusal.status, refusal.code, refusal.detail);
  slots_.push_back(std::move(slot));
  phase_ = Phase::closing;
  in_.clear();
}

void Connection::answer(std::uint32_t sequence, Response response) {
  const std::size_t at = sequence - firstSequence_;
  if (phase_ == Phase::dead || at >= slots_.size() || slots_[at].ready) return;
  const Turn turn(*this);
  Slot& slot = slots_[at];
  slot.ready = true;
  slot.response = isSendable(response)
                      ? std::move(response)
                      : shared_.render(500, "internal_error", "The answer could not be written.");
}

void Connection::answerMissing(std::uint32_t sequence) {
  answer(sequence, shared_.render(500, "internal_error", "The request was dropped unanswered."));
}

void Connection::drain() {
  const Turn turn(*this);
  if (phase_ != Phase::serving || parser_.started()) return;  // dispatch() closes the last one
  in_.clear();
  if (quiet()) {
    phase_ = Phase::dead;
    return;
  }
  if (!slots_.empty()) slots_.back().keepAlive = false;
  phase_ = Phase::closing;
}

void Connection::settle() {
  for (;;) {
    writeReady();
    if (in_.empty() || !acceptsInput()) break;
    std::string waiting;
    waiting.swap(in_);
    consume(waiting);
  }
  if (phase_ == Phase::dead) return;
  if (parser_.wantsContinue() && !continueSent_ && phase_ == Phase::serving && quiet())
    sendContinue();
  if (quiet() && phase_ != Phase::lingering) {
    if (readClosed_) {
      phase_ = Phase::dead;
    } else if (phase_ == Phase::closing) {
      beginLinger();
    }
  }
  if (phase_ == Phase::dead) return;
  if (tls_ != nullptr && tls_->hasBuffered() && wantsToRead()) {
    shared_.loop.post([handle = handle_] {
      if (Connection* self = handle->connection) self->onEvents(EPOLLIN);
    });
  }
  updateInterest();
  updateWait();
}

// Writes the answers that are ready and whose turn it is.
void Connection::writeReady() {
  if (slots_.empty() || !slots_.front().ready || phase_ == Phase::dead) return;
  std::string& target = out_.empty() ? shared_.scratch : out_;
  if (out_.empty()) target.clear();
  const std::string_view date = shared_.date.at(shared_.loop.clock().unixMs());
  std::size_t done = 0;
  while (done < slots_.size() && slots_[done].ready) {
    const Slot& slot = slots_[done++];
    const bool keepAlive = slot.keepAlive && !slot.response.close;
    appendAnswer(target, slot.response, {date, slot.head, keepAlive, slot.http10});
    if (keepAlive) continue;
    phase_ = Phase::closing;
    in_.clear();
    done = slots_.size();  // requests behind this one get no answer
  }
  slots_.erase(slots_.begin(), slots_.begin() + static_cast<std::ptrdiff_t>(done));
  if (slots_.empty() && slots_.capacity() > kSlotsKeptIdle) slots_.shrink_to_fit();
  firstSequence_ += static_cast<std::uint32_t>(done);
  if (&target != &shared_.scratch) return;
  sendBytes(target);
  if (target.capacity() > kScratchKept) std::string().swap(target);
}

void Connection::sendContinue() {
  continueSent_ = true;
  sendBytes(kContinue);
}

// Precondition: nothing is waiting in out_.
void Connection::sendBytes(std::string_view bytes) {
  while (!bytes.empty()) {
    const IoResult sent = write(bytes);
    if (sent.kind != IoResult::Kind::bytes) break;
    bytes.remove_prefix(sent.size);
  }
  if (bytes.empty() || phase_ == Phase::dead) return;
  out_.assign(bytes);
  writeDeadlineMs_ = shared_.loop.nowMs() + shared_.settings.writeDeadlineMs;
}

void Connection::flush() {
  while (outAt_ < out_.size()) {
    const IoResult sent = write(std::string_view(out_).substr(outAt_));
    if (sent.kind != IoResult::Kind::bytes) return;
    outAt_ += sent.size;
  }
  std::string().swap(out_);
  outAt_ = 0;
  writeDeadlineMs_ = 0;
}

IoResult Connection::write(std::string_view bytes) {
  const IoResult sent = tls_ != nullptr ? tls_->write(bytes.data(), bytes.size())
                                        : socketWrite(fd_, bytes.data(), bytes.size());
  writeWantsRead_ = sent.kind == IoResult::Kind::wantRead;
  if (sent.kind == IoResult::Kind::failed || sent.kind == IoResult::Kind::closed) {
    phase_ = Phase::dead;
  }
  return sent;
}

void Connection::beginLinger() {
  if (tls_ != nullptr) tls_->shutDown();
  phase_ = shutdown(fd_, SHUT_WR) == 0 ? Phase::lingering : Phase::dead;
}

void Connection::updateInterest() {
  std::uint32_t wanted = 0;
  if (wantsToRead() || phase_ == Phase::lingering || writeWantsRead_)
    wanted |= EPOLLIN | EPOLLRDHUP;
  if ((!out_.empty() && !writeWantsRead_) || readWantsWrite_) wanted |= EPOLLOUT;
  if (wanted == interest_) return;
  interest_ = wanted;
  shared_.loop.modify(fd_, wanted);
}

Connection::Wait Connection::currentWait() const {
  if (phase_ == Phase::lingering) return Wait::linger;
  if (phase_ != Phase::serving) return Wait::none;
  if (tls_ != nullptr && !tls_->handshakeDone()) return Wait::handshake;
  if (parser_.started()) return parser_.inBody() ? Wait::body : Wait::header;
  return quiet() ? Wait::idle : Wait::none;
}

std::int64_t Connection::waitMs(Wait wait) const {
  switch (wait) {
    case Wait::handshake:
    case Wait::header:
      return shared_.settings.headerDeadlineMs;
    case Wait::body:
      return shared_.settings.bodyDeadlineMs;
    case Wait::idle:
      return shared_.settings.keepAliveMs;
    case Wait::linger:
      return kLingerMs;
    case Wait::none:
      break;
  }
  return 0;
}

// A deadline starts when the connection begins to wait for something, and nothing that arrives
// meanwhile moves it: a client that sends byte by byte gains no time.
void Connection::updateWait() {
  const Wait wait = currentWait();
  if (wait != wait_) {
    wait_ = wait;
    waitDeadlineMs_ = wait == Wait::none ? 0 : shared_.loop.nowMs() + waitMs(wait);
  }
  arm();
}

// The timer is moved only forward in haste: most deadlines are overtaken by the next request, so a
// timer that comes too early just looks again.
void Connection::arm() {
  std::int64_t due = waitDeadlineMs_;
  if (writeDeadlineMs_ != 0 && (due == 0 || writeDeadlineMs_ < due)) due = writeDeadlineMs_;
  if (due == 0 || (timer_ != 0 && timerDueMs_ <= due)) return;
  shared_.loop.cancel(timer_);
  timerDueMs_ = due;
  timer_ = shared_.loop.after(due - shared_.loop.nowMs(), [this] { onTimer(); });
}

void Connection::onTimer() {
  timer_ = 0;
  const Turn turn(*this);
  const std::int64_t now = shared_.loop.nowMs();
  if (writeDeadlineMs_ != 0 && now >= writeDeadlineMs_) {
    shared_.counters.timeouts.fetch_add(1, std::memory_order_relaxed);
    phase_ = Phase::dead;
    return;
  }
  if (wait_ == Wait::none || now < waitDeadlineMs_) return;
  if (wait_ == Wait::header || wait_ == Wait::body) {
    shared_.counters.timeouts.fetch_add(1, std::memory_order_relaxed);
    refuse({408, "request_timeout", "The request did not arrive in time."});
    return;
  }
  if (wait_ == Wait::handshake) shared_.counters.timeouts.fetch_add(1, std::memory_order_relaxed);
  phase_ = Phase::dead;
}

}  // namespace unigate::net
