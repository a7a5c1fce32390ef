#include "app/issuer_keys.hpp"

#include <optional>

#include "net/event_loop.hpp"

namespace unigate::app {

namespace {

constexpr std::int64_t kTimeoutMs = 5'000;
constexpr std::size_t kAnswerBytesMax = 256UL * 1024;
constexpr int kOk = 200;

}  // namespace

identity::Issuers::Fetch issuerFetch(const net::UpstreamSettings& settings,
                                     const base::Clock& clock) {
  return [settings, &clock](const std::string& url) -> base::Result<std::string> {
    net::EventLoop loop(clock);
    std::optional<net::UpstreamResult> result;
    {
      net::UpstreamClient client(loop, settings);
      net::UpstreamRequest request;
      request.method = "GET";
      request.url = url;
      request.headers = {{"Accept", "application/json"},
                         {"User-Agent", "unigate/" UNIGATE_VERSION}};
      request.timeoutMs = kTimeoutMs;
      request.responseBytesMax = kAnswerBytesMax;
      loop.post([&] {
        client.send(std::move(request), [&](net::UpstreamResult answer) {
          result = std::move(answer);
          loop.stop();
        });
      });
      loop.run();
    }
    const bool ok =
        result && result->outcome == net::UpstreamOutcome::response && result->status == kOk;
    if (!ok) return base::fail(503, "issuer_unreachable", "the issuer could not be reached");
    return std::move(result->body);
  };
}

}  // namespace unigate::app
