#include "net/edge_server.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "net/connection.hpp"
#include "net/listener.hpp"

namespace unigate::net {

namespace {

constexpr int kAcceptsPerEvent = 64;
constexpr std::int64_t kAcceptPauseMs = 100;

// Errors that last until something is freed: to try again at once would only spin.
bool isShortage(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

Response EdgeShared::render(int status, std::string_view code, std::string_view detail) const {
  if (errors) {
    try {
      Response response = errors(status, code, detail);
      if (isSendable(response)) return response;
    } catch (...) {
      counters.handlerFaults.fetch_add(1, std::memory_order_relaxed);
    }
  }
  // Without an owner's answer, or with one that cannot be sent, the reason goes out as plain text.
  Response response;
  response.status = status;
  response.headers.emplace_back("Content-Type", "text/plain; charset=utf-8");
  response.body = std::string(detail) + "\n";
  return response;
}

struct EdgeServer::Impl final : EdgeShared {
  Impl(EventLoop& ownLoop, EdgeSettings ownSettings) : EdgeShared(ownLoop, std::move(ownSettings)) {
    limits = {settings.headersMax, settings.headerBytesMax, settings.uriBytesMax,
              settings.bodyBytesMax};
  }
  ~Impl() override {
    loop.cancel(drainTimer);
    stopAccepting();
    connections.clear();
  }

  base::Status open();
  void watchListener();
  void acceptSome();
  void pauseAccepting();
  void adopt(Accepted accepted);
  void refuse(int fd);
  void stopAccepting();
  void remove(Connection& connection) override;
  void finishDrain();

  Listener listener;
  std::vector<std::unique_ptr<Connection>> connections;
  EventLoop::TimerId pauseTimer = 0;
  EventLoop::TimerId drainTimer = 0;
  std::function<void()> drained;
};

base::Status EdgeServer::Impl::open() {
  if (settings.tlsCertificateFile.empty() != settings.tlsKeyFile.empty()) {
    return base::fail(400, "tls_incomplete",
                      "TLS needs both a certificate file and a key file; only one is configured");
  }
  if (!settings.tlsCertificateFile.empty()) {
    auto loaded = TlsContext::load(settings.tlsCertificateFile, settings.tlsKeyFile);
    if (!loaded) return base::fail(loaded.error());
    tls = *loaded;
  }
  if (auto opened = listener.open(settings.listen); !opened) return opened;
  try {
    watchListener();
  } catch (const std::system_error& error) {
    listener.close();
    return base::fail(500, "listen_failed",
                      "cannot watch " + settings.listen + ": " + error.what());
  }
  return {};
}

void EdgeServer::Impl::watchListener() {
  loop.watch(listener.fd(), EPOLLIN, [this](std::uint32_t) { acceptSome(); });
}

void EdgeServer::Impl::acceptSome() {
  for (int i = 0; i < kAcceptsPerEvent; ++i) {
    Accepted accepted = listener.accept();
    if (accepted.fd >= 0) {
      adopt(std::move(accepted));
    } else if (isShortage(accepted.error)) {
      pauseAccepting();
      return;
    } else if (accepted.error == 0) {
      return;
    }
  }
}

void EdgeServer::Impl::pauseAccepting() {
  counters.acceptPauses.fetch_add(1, std::memory_order_relaxed);
  loop.unwatch(listener.fd());
  pauseTimer = loop.after(kAcceptPauseMs, [this] {
    pauseTimer = 0;
    watchListener();
  });
}

void EdgeServer::Impl::adopt(Accepted accepted) {
  if (!ledger->enter(accepted.address)) {
    counters.refusedByCap.fetch_add(1, std::memory_order_relaxed);
    refuse(accepted.fd);
    return;
  }
  counters.accepted.fetch_add(1, std::memory_order_relaxed);
  connections.push_back(
      std::make_unique<Connection>(*this, accepted.fd, std::move(accepted.address)));
  Connection& connection = *connections.back();
  connection.index = connections.size() - 1;
  try {
    connection.start();
  } catch (const std::system_error&) {
    // The kernel watches no more: this client has to go, the others stay.
    remove(connection);
  }
}

// Says why, as far as that goes without waiting, and closes.
void EdgeServer::Impl::refuse(int fd) {
  if (tls == nullptr) {
    scratch.clear();
    appendAnswer(
        scratch,
        render(503, "too_many_connections", "There are too many connections; try again later."),
        {date.at(loop.clock().unixMs()), false, false, false});
    socketWrite(fd, scratch.data(), scratch.size());
    shutdown(fd, SHUT_WR);
  }
  close(fd);
}

void EdgeServer::Impl::stopAccepting() {
  loop.cancel(pauseTimer);
  if (listener.fd() >= 0) loop.unwatch(listener.fd());
  listener.close();
}

void EdgeServer::Impl::remove(Connection& connection) {
  const std::size_t at = connection.index;
  std::swap(connections[at], connections.back());
  connections[at]->index = at;
  connections.pop_back();
  if (draining && connections.empty()) finishDrain();
}

void EdgeServer::Impl::finishDrain() {
  loop.cancel(std::exchange(drainTimer, 0));
  // Posted, because the owner may destroy the server in it.
  if (drained) loop.post(std::exchange(drained, nullptr));
}

EdgeServer::EdgeServer(EventLoop& loop, EdgeSettings settings,
                       std::shared_ptr<ConnectionLedger> ledger, Handler handler,
                       ErrorRenderer errors)
    : impl_(std::make_unique<Impl>(loop, std::move(settings))) {
  impl_->ledger = std::move(ledger);
  impl_->handler = std::move(handler);
  impl_->errors = std::move(errors);
}

EdgeServer::~EdgeServer() = default;

base::Status EdgeServer::listen() {
  return impl_->open();
}

std::uint16_t EdgeServer::port() const {
  return impl_->listener.port();
}

void EdgeServer::drain(std::int64_t timeoutMs, std::function<void()> drained) {
  impl_->draining = true;
  impl_->drained = std::move(drained);
  impl_->stopAccepting();
  // Backwards: a connection that goes at once is replaced by one that has been seen.
  for (std::size_t i = impl_->connections.size(); i-- > 0;) impl_->connections[i]->drain();
  if (impl_->connections.empty()) {
    impl_->finishDrain();
    return;
  }
  impl_->drainTimer = impl_->loop.after(timeoutMs, [impl = impl_.get()] {
    impl->drainTimer = 0;
    impl->connections.clear();
    impl->finishDrain();
  });
}

const EdgeCounters& EdgeServer::counters() const {
  return impl_->counters;
}

}  // namespace unigate::net
