#include "webhooks/certificate_fetch.hpp"

#include <algorithm>
#include <utility>

namespace unigate::webhooks {

namespace {

constexpr std::size_t kPemBytesMax = 256UL * 1024;
constexpr std::int64_t kTimeoutMs = 10'000;
constexpr std::size_t kWaitingMax = 256;  // addresses that are being fetched at once

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return result;
}

// "https://host:port" of a URL, and what follows.
std::pair<std::string_view, std::string_view> splitUrl(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  const std::size_t end = std::min(url.find_first_of("/?", scheme + 3), url.size());
  return {url.substr(0, end), url.substr(end)};
}

std::string hostOf(std::string_view url) {
  std::string_view origin = splitUrl(url).first;
  origin.remove_prefix(std::min(origin.size(), origin.find("://") + 3));
  return lower(origin.substr(0, origin.find(':')));
}

}  // namespace

tl::expected<std::string, std::string> certificateAddress(const plugin_host::Manifest& manifest,
                                                          std::string_view environment,
                                                          const gateway::EndpointBook& endpoints,
                                                          std::string_view url) {
  const std::string host = hostOf(url);
  const auto& egress = manifest.egressHosts;
  if (std::find(egress.begin(), egress.end(), host) == egress.end())
    return tl::unexpected("its host " + host + " is not in the plugin's egress list");
  for (const plugin_host::Endpoint& endpoint : manifest.endpoints) {
    const std::string& declared = environment == "live" ? endpoint.liveUrl : endpoint.testUrl;
    if (hostOf(declared) != host) continue;
    const auto base = endpoints.baseUrl(manifest, environment, endpoint.name);
    if (!base) return tl::unexpected(base.error().detail);
    return std::string(splitUrl(*base).first) + std::string(splitUrl(url).second);
  }
  return std::string(url);
}

void CertificateFetch::get(net::UpstreamClient& upstream, const std::string& address, Done done) {
  const auto found = kept_.find(address);
  if (found != kept_.end() && clock_.monotonicUs() < found->second.untilUs)
    return done(found->second.pem);
  const auto under = waiting_.find(address);
  if (under != waiting_.end()) return under->second.push_back(std::move(done));
  if (waiting_.size() >= kWaitingMax)
    return done(tl::unexpected<std::string>("too many are being fetched"));
  waiting_[address].push_back(std::move(done));
  net::UpstreamRequest request;
  request.method = "GET";
  request.url = address;
  request.headers = {{"Accept", "*/*"}, {"User-Agent", "unigate/" UNIGATE_VERSION}};
  request.timeoutMs = kTimeoutMs;
  request.responseBytesMax = kPemBytesMax;
  upstream.send(
      std::move(request), [self = shared_from_this(), address](const net::UpstreamResult& result) {
        Pem pem = tl::unexpected<std::string>("the provider could not be reached");
        if (result.outcome == net::UpstreamOutcome::response) {
          if (result.status == 200) {
            pem = result.body;
            self->keep(address, result.body);
          } else {
            pem = tl::unexpected("the provider answered " + std::to_string(result.status));
          }
        }
        auto waiting = self->waiting_.extract(address);
        for (const Done& each : waiting.mapped()) each(pem);
      });
}

// The one that ends first makes room.
void CertificateFetch::keep(const std::string& address, const std::string& pem) {
  if (kept_.size() >= kKeptMax && kept_.count(address) == 0) {
    kept_.erase(std::min_element(kept_.begin(), kept_.end(), [](const auto& a, const auto& b) {
      return a.second.untilUs < b.second.untilUs;
    }));
  }
  kept_[address] = {pem, clock_.monotonicUs() + kKeptMs * 1000};
}

}  // namespace unigate::webhooks
