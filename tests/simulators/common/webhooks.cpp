#include "common/webhooks.hpp"

#include <algorithm>
#include <array>
#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

namespace simulators {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using ErrorCode = boost::system::error_code;

constexpr std::size_t kInFlightMax = 8;
constexpr auto kAnswerTimeout = std::chrono::seconds(5);
constexpr std::array<std::int64_t, 7> kRetryPausesMs{500,     2'000,     10'000,   60'000,
                                                     300'000, 1'800'000, 7'200'000};

struct Target {
  std::string host;
  std::uint16_t port = 80;
  std::string path;
};

// http://host[:port][/path] with a host that names this machine.
std::optional<Target> parseUrl(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) return std::nullopt;
  url.remove_prefix(kScheme.size());
  const auto slash = std::min(url.find_first_of("/?"), url.size());
  auto authority = url.substr(0, slash);
  Target target;
  target.path = url.substr(slash);
  if (!target.path.starts_with('/')) target.path.insert(0, "/");
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    authority.remove_prefix(at + 1);
  }
  const auto bracket = authority.rfind(']');
  const auto colon = authority.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    unsigned port = 0;
    for (const char c : authority.substr(colon + 1)) {
      if (c < '0' || c > '9' || port > 65535) return std::nullopt;
      port = port * 10 + static_cast<unsigned>(c - '0');
    }
    if (port == 0 || port > 65535) return std::nullopt;
    target.port = static_cast<std::uint16_t>(port);
    authority = authority.substr(0, colon);
  }
  if (authority == "localhost" || authority.starts_with("127.")) {
    target.host = authority == "localhost" ? "127.0.0.1" : std::string(authority);
  } else if (authority == "[::1]") {
    target.host = "::1";
  } else {
    return std::nullopt;
  }
  return target;
}

struct Attempt {
  std::int64_t atMs = 0;
  unsigned status = 0;
  std::string error;
};

struct Delivery {
  std::uint64_t id = 0;
  WebhookMessage message;
  std::vector<Attempt> attempts;
  std::int64_t dueMs = 0;
  std::string_view state = "pending";
};
using DeliveryPtr = std::shared_ptr<Delivery>;

bool wants(const WebhookEndpoint& endpoint, const std::string& type) {
  const auto& events = endpoint.events;
  return events.empty() || std::find(events.begin(), events.end(), "*") != events.end() ||
         std::find(events.begin(), events.end(), type) != events.end();
}

// One attempt: connect, write, read the answer, all within the time that providers give.
class Attempting : public std::enable_shared_from_this<Attempting> {
 public:
  using Done = std::function<void(unsigned status, std::string error)>;

  Attempting(asio::io_context& loop, Done done) : stream_(loop), done_(std::move(done)) {}

  void start(const Target& target, const WebhookMessage& message,
             const WebhookMessage::Headers& headers) {
    request_.method(http::string_to_verb(message.method));
    request_.target(target.path);
    request_.version(11);
    request_.set(http::field::host, target.host + ":" + std::to_string(target.port));
    request_.set(http::field::content_type, message.contentType);
    request_.set(http::field::connection, "close");
    for (const auto& [name, value] : headers) request_.set(name, value);
    request_.body() = message.body;
    request_.prepare_payload();
    ErrorCode wrong;
    const auto address = asio::ip::make_address(target.host, wrong);
    if (wrong) return done_(0, "not an address of this machine");
    stream_.expires_after(kAnswerTimeout);
    stream_.async_connect({address, target.port}, [self = shared_from_this()](ErrorCode error) {
      if (error) return self->done_(0, error.message());
      self->write();
    });
  }

 private:
  void write() {
    http::async_write(stream_, request_, [self = shared_from_this()](ErrorCode error, std::size_t) {
      if (error) return self->done_(0, error.message());
      self->read();
    });
  }
  void read() {
    http::async_read(stream_, buffer_, response_,
                     [self = shared_from_this()](ErrorCode error, std::size_t) {
                       if (error) return self->done_(0, error.message());
                       self->done_(self->response_.result_int(), {});
                     });
  }

  boost::beast::tcp_stream stream_;
  boost::beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response<http::string_body> response_;
  Done done_;
};

}  // namespace

struct WebhookSender::State : std::enable_shared_from_this<WebhookSender::State> {
  explicit State(const SimClock& simulated) : clock(simulated) {}

  const SimClock& clock;
  asio::io_context loop;
  asio::steady_timer timer{loop};
  std::thread thread;

  mutable std::mutex mutex;  // guards what follows
  std::map<std::string, Signer> signers;
  std::vector<WebhookEndpoint> endpoints;
  std::multimap<std::int64_t, DeliveryPtr> waiting;  // by due time
  std::deque<DeliveryPtr> log;
  std::size_t inFlight = 0;
  std::uint64_t lastDelivery = 0;
  std::uint64_t lastEndpoint = 0;
  std::uint64_t generation = 0;  // counts clear()

  void queue(WebhookMessage message) {
    {
      const std::lock_guard lock(mutex);
      auto delivery = std::make_shared<Delivery>();
      delivery->id = ++lastDelivery;
      delivery->message = std::move(message);
      delivery->dueMs = clock.nowMs();
      log.push_back(delivery);
      if (log.size() > kLogMax) log.pop_front();
      if (waiting.size() >= kQueueMax) {
        delivery->state = "dropped";
        return;
      }
      waiting.emplace(delivery->dueMs, delivery);
    }
    wake();
  }

  void wake() {
    asio::post(loop, [self = shared_from_this()] { self->work(); });
  }

  // On the sender's thread: starts what is due, and waits for what is not.
  void work() {
    std::unique_lock lock(mutex);
    while (inFlight < kInFlightMax && !waiting.empty() && waiting.begin()->first <= clock.nowMs()) {
      const auto delivery = waiting.begin()->second;
      waiting.erase(waiting.begin());
      ++inFlight;
      const auto round = generation;
      lock.unlock();
      attempt(delivery, round);
      lock.lock();
    }
    if (waiting.empty() || inFlight >= kInFlightMax) return;
    const auto pause = std::max<std::int64_t>(1, waiting.begin()->first - clock.nowMs());
    timer.expires_after(std::chrono::milliseconds(pause));
    timer.async_wait([self = shared_from_this()](ErrorCode error) {
      if (!error) self->work();
    });
  }

  void attempt(const DeliveryPtr& delivery, std::uint64_t round) {
    const auto& message = delivery->message;
    const auto finish = [self = shared_from_this(), delivery, round](unsigned status,
                                                                     std::string error) {
      self->finished(delivery, round, status, std::move(error));
    };
    const auto target = parseUrl(message.url);
    const auto headers =
        message.sign ? message.sign(message.body, clock.nowMs() / 1000) : WebhookMessage::Headers();
    std::make_shared<Attempting>(loop, finish)->start(*target, message, headers);
  }

  void finished(const DeliveryPtr& delivery, std::uint64_t round, unsigned status,
                std::string error) {
    {
      const std::lock_guard lock(mutex);
      --inFlight;
      const bool taken = status >= 200 && status < 300;
      delivery->attempts.push_back({clock.nowMs(), status, std::move(error)});
      const auto count = delivery->attempts.size();
      if (taken) {
        delivery->state = "delivered";
      } else if (count >= kAttemptsMax || round != generation) {
        delivery->state = "failed";
      } else {
        delivery->dueMs = clock.nowMs() + kRetryPausesMs[count - 1];
        waiting.emplace(delivery->dueMs, delivery);
      }
    }
    wake();
  }
};

WebhookSender::WebhookSender(const SimClock& clock) : state_(std::make_shared<State>(clock)) {
  state_->thread = std::thread([state = state_] {
    const auto guard = asio::make_work_guard(state->loop);
    state->loop.run();
  });
}

WebhookSender::~WebhookSender() {
  state_->loop.stop();
  state_->thread.join();
}

void WebhookSender::setSigner(const std::string& provider, Signer signer) {
  const std::lock_guard lock(state_->mutex);
  state_->signers[provider] = std::move(signer);
}

std::string WebhookSender::put(WebhookEndpoint endpoint) {
  const std::lock_guard lock(state_->mutex);
  if (endpoint.id.empty()) endpoint.id = "sim_" + std::to_string(++state_->lastEndpoint);
  auto& endpoints = state_->endpoints;
  const auto found = std::find_if(endpoints.begin(), endpoints.end(), [&](const auto& e) {
    return e.provider == endpoint.provider && e.id == endpoint.id;
  });
  const auto id = endpoint.id;
  if (found == endpoints.end()) {
    endpoints.push_back(std::move(endpoint));
  } else {
    *found = std::move(endpoint);
  }
  return id;
}

bool WebhookSender::remove(const std::string& provider, const std::string& id) {
  const std::lock_guard lock(state_->mutex);
  return std::erase_if(state_->endpoints,
                       [&](const auto& e) { return e.provider == provider && e.id == id; }) > 0;
}

bool WebhookSender::wanted(std::string_view provider) const {
  const std::lock_guard lock(state_->mutex);
  return std::any_of(state_->endpoints.begin(), state_->endpoints.end(),
                     [&](const auto& endpoint) { return endpoint.provider == provider; });
}

void WebhookSender::emit(const std::string& provider, const std::string& account,
                         const std::string& type, const std::string& event,
                         const std::string& body) {
  std::vector<WebhookMessage> messages;
  {
    const std::lock_guard lock(state_->mutex);
    const auto signer = state_->signers.find(provider);
    for (const auto& endpoint : state_->endpoints) {
      if (endpoint.provider != provider || !wants(endpoint, type)) continue;
      if (!endpoint.account.empty() && endpoint.account != account) continue;
      WebhookMessage message;
      message.provider = provider;
      message.endpoint = endpoint.id;
      message.event = event;
      message.type = type;
      message.url = endpoint.url;
      message.body = body;
      if (signer != state_->signers.end()) {
        message.sign = [sign = signer->second, endpoint, event](const std::string& text,
                                                                std::int64_t nowSeconds) {
          return sign(endpoint, event, text, nowSeconds);
        };
      }
      messages.push_back(std::move(message));
    }
  }
  for (auto& message : messages) send(std::move(message));
}

void WebhookSender::send(WebhookMessage message) {
  if (!isLoopbackUrl(message.url)) {  // a real address was registered: it is kept, but nothing
                                      // leaves this machine
    const std::lock_guard lock(state_->mutex);
    auto delivery = std::make_shared<Delivery>();
    delivery->id = ++state_->lastDelivery;
    delivery->message = std::move(message);
    delivery->state = "not_loopback";
    state_->log.push_back(std::move(delivery));
    if (state_->log.size() > kLogMax) state_->log.pop_front();
    return;
  }
  state_->queue(std::move(message));
}

bool WebhookSender::sendAgain(std::uint64_t delivery) {
  std::optional<WebhookMessage> message;
  {
    const std::lock_guard lock(state_->mutex);
    for (const auto& entry : state_->log) {
      if (entry->id == delivery) message = entry->message;
    }
  }
  if (!message) return false;
  send(std::move(*message));
  return true;
}

void WebhookSender::wake() {
  state_->wake();
}

void WebhookSender::clear() {
  const std::lock_guard lock(state_->mutex);
  state_->endpoints.clear();
  state_->waiting.clear();
  state_->log.clear();
  ++state_->generation;
}

void WebhookSender::write(JsonWriter& json) const {
  const std::lock_guard lock(state_->mutex);
  json.beginObject();
  json.beginArray("endpoints");
  for (const auto& endpoint : state_->endpoints) {
    json.beginObject();
    json.field("id", endpoint.id);
    json.field("provider", endpoint.provider);
    json.textOrNull("account", endpoint.account);
    json.field("url", endpoint.url);
    json.beginArray("events");
    for (const auto& event : endpoint.events) json.value(event);
    json.endArray();
    json.endObject();
  }
  json.endArray();
  json.beginArray("deliveries");
  for (const auto& delivery : state_->log) {
    const auto& message = delivery->message;
    json.beginObject();
    json.field("id", delivery->id);
    json.field("provider", message.provider);
    json.field("endpoint", message.endpoint);
    json.field("event", message.event);
    json.field("type", message.type);
    json.field("url", message.url);
    json.field("state", delivery->state);
    json.field("body", message.body);
    json.beginArray("attempts");
    for (const auto& attempt : delivery->attempts) {
      json.beginObject();
      json.field("at_ms", attempt.atMs);
      json.field("status", attempt.status);
      json.textOrNull("error", attempt.error);
      json.endObject();
    }
    json.endArray();
    json.endObject();
  }
  json.endArray();
  json.endObject();
}

bool isLoopbackUrl(std::string_view url) {
  return parseUrl(url).has_value();
}

}  // namespace simulators
