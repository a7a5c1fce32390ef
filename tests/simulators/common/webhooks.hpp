// Sends the providers' webhooks, signed as the provider signs them, from a thread of its own: to
// the endpoints that tests or the provider's own API registered, over plain HTTP to this machine
// only. What is not taken with a 2xx is sent again after a growing pause of simulated time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/clock.hpp"
#include "common/json.hpp"

namespace simulators {

struct WebhookEndpoint {
  std::string id;
  std::string provider;
  std::string account;  // empty: events of every account
  std::string url;
  std::string secret;
  std::vector<std::string> events;  // none, or "*": all
};

// One message that goes out. `sign` is called on the sender's thread at each attempt, since some
// signatures hold the time; it may use nothing but what it captured.
struct WebhookMessage {
  using Headers = std::vector<std::pair<std::string, std::string>>;
  using Sign = std::function<Headers(const std::string& body, std::int64_t nowSeconds)>;

  std::string provider;
  std::string endpoint;  // id, for the log
  std::string event;     // id of the event
  std::string type;
  std::string url;
  std::string method = "POST";
  std::string contentType = "application/json";
  std::string body;
  Sign sign;
};

class WebhookSender {
 public:
  static constexpr std::size_t kQueueMax = 10'000;
  static constexpr std::size_t kLogMax = 1000;
  static constexpr int kAttemptsMax = 8;

  explicit WebhookSender(const SimClock& clock);
  ~WebhookSender();
  WebhookSender(const WebhookSender&) = delete;
  WebhookSender& operator=(const WebhookSender&) = delete;

  // How the provider signs for an endpoint: returns the headers of one attempt.
  using Signer = std::function<WebhookMessage::Headers(
      const WebhookEndpoint& endpoint, const std::string& event, const std::string& body,
      std::int64_t nowSeconds)>;
  void setSigner(const std::string& provider, Signer signer);

  // Adds or, with an id that is known, replaces an endpoint; returns its id.
  std::string put(WebhookEndpoint endpoint);
  bool remove(const std::string& provider, const std::string& id);
  // Whether any endpoint waits for events of that provider: rendering one can be spared otherwise.
  bool wanted(std::string_view provider) const;

  // Queues the event for every endpoint that asked for its type. Nothing happens if the queue is
  // full, but the log says so.
  void emit(const std::string& provider, const std::string& account, const std::string& type,
            const std::string& event, const std::string& body);
  // Queues one message to a URL that the caller names, as with callbacks given in a request.
  void send(WebhookMessage message);
  // Sends a logged delivery once more, as providers sometimes do. False if there is none of that
  // id.
  bool sendAgain(std::uint64_t delivery);

  // Simulated time was moved: retries may be due.
  void wake();
  // Forgets endpoints, queue and log.
  void clear();
  // {"endpoints":[...],"deliveries":[...]} without secrets.
  void write(JsonWriter& json) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// Whether webhooks may go there: http, and an address of this machine.
bool isLoopbackUrl(std::string_view url);

}  // namespace simulators
