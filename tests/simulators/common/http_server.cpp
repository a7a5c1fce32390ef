#include "common/http_server.hpp"

#include <signal.h>

#include <boost/asio.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <cstdio>
#include <map>
#include <optional>
#include <system_error>
#include <unordered_map>

namespace simulators {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;

constexpr std::size_t kBodyBytesMax = 1024 * 1024;
constexpr std::uint32_t kHeaderBytesMax = 32 * 1024;
constexpr auto kAcceptRetryDelay = std::chrono::milliseconds(50);

bool equalsIgnoringCase(std::string_view a, std::string_view b) {
  return boost::beast::iequals({a.data(), a.size()}, {b.data(), b.size()});
}

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

void appendStatusLine(std::string& out, unsigned status) {
  out.append("HTTP/1.1 ").append(std::to_string(status)).append(" ");
  out.append(view(http::obsolete_reason(http::int_to_status(status)))).append("\r\n");
}

class Listener;

// One connection: reads a request, waits for its answer, writes it, and so on.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, Listener& listener, std::uint64_t id)
      : socket_(std::move(socket)), pause_(socket_.get_executor()), listener_(listener), id_(id) {}

  void start() { read(); }
  void close(bool reset);

 private:
  using Parser = http::request_parser<http::string_body>;

  void read();
  void onRequest();
  void onUnreadable();
  void answer(HttpResponse response);
  void write(bool keepAlive);
  void writeSlowly(std::size_t offset, std::size_t headerBytes, std::chrono::milliseconds pace);
  void next(bool keepAlive);

  tcp::socket socket_;
  asio::steady_timer pause_;
  Listener& listener_;
  std::uint64_t id_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  std::string out_;
};

// One open port and its connections.
class Listener {
 public:
  Listener(asio::io_context& loop, HttpHandler handler)
      : loop_(loop), acceptor_(loop), retry_(loop), handler_(std::move(handler)) {}

  void open(const tcp::endpoint& endpoint) {
    acceptor_.open(endpoint.protocol());
    acceptor_.set_option(asio::socket_base::reuse_address(true));
    acceptor_.bind(endpoint);
    acceptor_.listen(asio::socket_base::max_listen_connections);
    endpoint_ = acceptor_.local_endpoint();
    accept();
  }

  void closeFor(std::chrono::milliseconds delay, std::uint64_t keptConnection) {
    acceptor_.close();
    const auto open = sessions_;
    for (const auto& [id, weak] : open) {
      if (const auto session = weak.lock(); session && id != keptConnection) session->close(true);
    }
    retry_.expires_after(delay);
    retry_.async_wait([this](ErrorCode error) {
      if (!error) open_again();
    });
  }

  void resetNext(std::int64_t count) { resets_ = count; }
  void forget(std::uint64_t id) { sessions_.erase(id); }
  const HttpHandler& handler() const { return handler_; }
  std::uint16_t port() const { return endpoint_.port(); }

 private:
  void open_again() { open(endpoint_); }

  void accept() {
    acceptor_.async_accept([this](ErrorCode error, tcp::socket socket) {
      if (error == asio::error::operation_aborted || !acceptor_.is_open()) return;
      if (error) {  // out of descriptors, most likely: give others time to close
        retry_.expires_after(kAcceptRetryDelay);
        retry_.async_wait([this](ErrorCode stopped) {
          if (!stopped) accept();
        });
        return;
      }
      take(std::move(socket));
      accept();
    });
  }

  void take(tcp::socket socket) {
    ErrorCode ignored;
    if (resets_ > 0) {
      --resets_;
      socket.set_option(asio::socket_base::linger(true, 0), ignored);
      socket.close(ignored);
      return;
    }
    socket.set_option(tcp::no_delay(true), ignored);
    const auto id = ++lastSession_;
    auto session = std::make_shared<Session>(std::move(socket), *this, id);
    sessions_.emplace(id, session);
    session->start();
  }

  asio::io_context& loop_;
  tcp::acceptor acceptor_;
  asio::steady_timer retry_;
  HttpHandler handler_;
  tcp::endpoint endpoint_;
  std::unordered_map<std::uint64_t, std::weak_ptr<Session>> sessions_;
  std::uint64_t lastSession_ = 0;
  std::int64_t resets_ = 0;
};

void Session::close(bool reset) {
  ErrorCode ignored;
  if (reset) socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  if (!reset) socket_.shutdown(tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
  pause_.cancel();
  listener_.forget(id_);
}

void Session::read() {
  parser_.emplace();
  parser_->body_limit(kBodyBytesMax);
  parser_->header_limit(kHeaderBytesMax);
  http::async_read(
      socket_, buffer_, *parser_, [self = shared_from_this()](ErrorCode error, std::size_t) {
        if (!error) return self->onRequest();
        if (error.category() == http::make_error_code(http::error::bad_method).category() &&
            error != http::error::end_of_stream && error != http::error::partial_message) {
          return self->onUnreadable();
        }
        self->close(false);
      });
}

void Session::onRequest() {
  const auto& message = parser_->get();
  HttpRequest request;
  request.method = view(message.method_string());
  const std::string_view target = view(message.target());
  const auto mark = target.find('?');
  request.path = target.substr(0, mark);
  if (mark != std::string_view::npos) request.query = target.substr(mark + 1);
  request.body = message.body();
  request.headers.reserve(16);
  for (const auto& field : message) {
    request.headers.emplace_back(view(field.name_string()), view(field.value()));
  }
  request.connection = id_;
  listener_.handler()(request, [self = shared_from_this()](HttpResponse response) {
    self->answer(std::move(response));
  });
}

void Session::onUnreadable() {
  out_.clear();
  appendStatusLine(out_, 400);
  out_.append("Content-Length: 0\r\nConnection: close\r\n\r\n");
  write(false);
}

void Session::answer(HttpResponse response) {
  using Kind = Delivery::Kind;
  const auto kind = response.delivery.kind;
  if (kind == Kind::kCloseUnanswered) return close(false);
  if (kind == Kind::kResetUnanswered) return close(true);

  const bool keepAlive = parser_->get().keep_alive() && kind == Kind::kWhole;
  out_.clear();
  out_.reserve(response.body.size() + response.headerLines.size() + 128);
  appendStatusLine(out_, response.status);
  out_.append("Content-Length: ").append(std::to_string(response.body.size())).append("\r\n");
  if (!keepAlive) out_.append("Connection: close\r\n");
  out_.append(response.headerLines).append("\r\n");
  const auto headerBytes = out_.size();
  const auto sent = kind == Kind::kTruncated ? response.body.size() / 2 : response.body.size();
  out_.append(response.body, 0, sent);
  if (kind == Kind::kSlow) return writeSlowly(0, headerBytes, response.delivery.pace);
  write(keepAlive);
}

void Session::write(bool keepAlive) {
  asio::async_write(socket_, asio::buffer(out_),
                    [self = shared_from_this(), keepAlive](ErrorCode error, std::size_t) {
                      self->next(keepAlive && !error);
                    });
}

void Session::writeSlowly(std::size_t offset, std::size_t headerBytes,
                          std::chrono::milliseconds pace) {
  const auto bytes = offset < headerBytes ? 1 : out_.size() - offset;
  asio::async_write(
      socket_, asio::buffer(out_.data() + offset, bytes),
      [self = shared_from_this(), offset, bytes, headerBytes, pace](ErrorCode error, std::size_t) {
        if (error || offset + bytes >= self->out_.size()) return self->next(false);
        self->pause_.expires_after(pace);
        self->pause_.async_wait([self, offset, bytes, headerBytes, pace](ErrorCode stopped) {
          if (!stopped) self->writeSlowly(offset + bytes, headerBytes, pace);
        });
      });
}

void Session::next(bool keepAlive) {
  if (keepAlive && socket_.is_open()) return read();
  close(false);
}

}  // namespace

struct HttpServer::State {
  asio::io_context loop{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  // Caught from the start: a signal between "ready" and run() must not kill the process uncleanly.
  asio::signal_set signals{loop, SIGTERM, SIGINT};
  std::map<std::string, std::unique_ptr<Listener>> listeners;
};

HttpServer::HttpServer() : state_(std::make_unique<State>()) {
  state_->signals.async_wait([this](ErrorCode error, int) {
    if (!error) stop();
  });
}
HttpServer::~HttpServer() = default;

std::uint16_t HttpServer::listen(const std::string& name, const std::string& address,
                                 std::uint16_t port, HttpHandler handler) {
  auto listener = std::make_unique<Listener>(state_->loop, std::move(handler));
  try {
    listener->open({asio::ip::make_address(address), port});
  } catch (const boost::system::system_error& error) {
    throw std::system_error(std::error_code(error.code()), address + ":" + std::to_string(port));
  }
  const auto chosen = listener->port();
  state_->listeners[name] = std::move(listener);
  return chosen;
}

void HttpServer::after(std::chrono::milliseconds delay, std::function<void()> callback) {
  if (delay.count() <= 0) return callback();
  auto timer = std::make_shared<asio::steady_timer>(state_->loop, delay);
  timer->async_wait([timer, callback = std::move(callback)](ErrorCode error) {
    if (!error) callback();
  });
}

void HttpServer::closeListener(const std::string& name, std::chrono::milliseconds delay,
                               std::uint64_t keptConnection) {
  const auto found = state_->listeners.find(name);
  if (found != state_->listeners.end()) found->second->closeFor(delay, keptConnection);
}

void HttpServer::resetNextConnections(const std::string& name, std::int64_t count) {
  const auto found = state_->listeners.find(name);
  if (found != state_->listeners.end()) found->second->resetNext(count);
}

void HttpServer::run() {
  state_->loop.run();
}

void HttpServer::stop() {
  state_->loop.stop();
}

std::string_view HttpRequest::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key.size() == name.size() && equalsIgnoringCase(key, name)) return value;
  }
  return {};
}

HttpResponse jsonResponse(unsigned status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  response.addHeader("Content-Type", "application/json");
  return response;
}

}  // namespace simulators
