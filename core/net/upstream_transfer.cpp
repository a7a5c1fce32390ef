#include "net/upstream_transfer.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <new>
#include <stdexcept>

#include "base/text.hpp"
#include "net/http_text.hpp"
#include "net/upstream_address.hpp"

namespace unigate::net {

namespace {

// Half of libcurl's own: answers of a few kilobytes, thousands in flight.
constexpr long kReadBufferBytes = 8L * 1024;
constexpr long kWriteBufferBytes = 16L * 1024;
constexpr long kConnectionLifeSeconds = 600;  // then the name is looked up again
constexpr std::size_t kAnswerHeaderBytesMax = 64UL * 1024;
constexpr std::size_t kAnswerHeadersMax = 200;

std::int64_t steadyUs() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// Headers that frame the message or steer the connection: libcurl writes them, and a second one
// would let two servers read two different messages.
bool isOurHeader(std::string_view name) {
  constexpr std::array<std::string_view, 10> kOurs = {
      "host",       "content-length",  "transfer-encoding", "connection",
      "keep-alive", "expect",          "upgrade",           "te",
      "trailer",    "proxy-connection"};
  return std::any_of(kOurs.begin(), kOurs.end(),
                     [name](std::string_view ours) { return text::sameName(name, ours); });
}

bool isVisible(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

std::string part(CURLU* url, CURLUPart which) {
  char* value = nullptr;
  if (curl_url_get(url, which, &value, 0) != CURLUE_OK) return {};
  std::string copy(value);
  curl_free(value);
  return copy;
}

}  // namespace

std::string_view originOf(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  return url.substr(0, url.find_first_of("/?#", scheme + 3));
}

tl::expected<UpstreamOrigin, std::string> judgeOrigin(std::string_view origin,
                                                      const UpstreamSettings& settings) {
  if (origin.empty()) return tl::unexpected<std::string>("the URL is not absolute");
  if (origin.find_first_of("@\\%") != std::string_view::npos || !isVisible(origin))
    return tl::unexpected<std::string>("the URL's host has a character that is not allowed");
  const std::unique_ptr<CURLU, UrlDeleter> url(curl_url());
  if (url == nullptr ||
      curl_url_set(url.get(), CURLUPART_URL, std::string(origin).c_str(), 0) != CURLUE_OK)
    return tl::unexpected<std::string>("the URL has no host that can be read");
  const std::string scheme = part(url.get(), CURLUPART_SCHEME);
  const std::string host = part(url.get(), CURLUPART_HOST);
  if (host.empty()) return tl::unexpected<std::string>("the URL has no host");
  UpstreamOrigin judged;
  judged.loopback = isLoopbackHost(host);
  if (scheme == "https") return judged;
  if (scheme != "http") return tl::unexpected<std::string>("only https is allowed");
  if (!judged.loopback)
    return tl::unexpected<std::string>("http is allowed to a loopback address only; use https");
  if (!settings.allowLoopbackHttp)
    return tl::unexpected<std::string>("http to a loopback address is not allowed by the settings");
  return judged;
}

std::string whyUnsendable(const UpstreamRequest& request) {
  if (request.method.empty() || !text::all(request.method, text::kToken))
    return "the method is no HTTP token";
  if (request.method == "CONNECT" || request.method == "TRACE") return "the method is not allowed";
  if (!isVisible(request.url) || request.url.find('#') != std::string::npos)
    return "the URL has a character that must be percent-encoded";
  if (request.url.size() > base::limits::kUriBytesMax) return "the URL is too long";
  if (request.headers.size() > base::limits::kHeadersMax) return "there are too many headers";
  if (request.timeoutMs <= 0) return "its time was over before it was sent";
  for (const auto& [name, value] : request.headers) {
    if (name.empty() || !text::all(name, text::kToken)) return "a header's name is no HTTP token";
    if (!text::all(value, text::kValue))
      return "header " + name + " has a control character in its value";
    if (isOurHeader(name)) return "header " + name + " is written by the gateway";
  }
  return {};
}

UpstreamTransfer::UpstreamTransfer(const UpstreamSettings& settings, CURLSH* share,
                                   UpstreamSockets& sockets)
    : settings_(settings), sockets_(sockets), easy_(curl_easy_init()) {
  if (easy_ == nullptr) throw std::bad_alloc();
  setUp(share);
}

void UpstreamTransfer::setUp(CURLSH* share) {
  const auto set = [this](CURLoption option, auto value) {
    // A refused option would leave a guard off.
    if (curl_easy_setopt(easy_.get(), option, value) != CURLE_OK)
      throw std::runtime_error("libcurl refuses option " + std::to_string(option));
  };
  set(CURLOPT_SHARE, share);
  set(CURLOPT_PRIVATE, this);
  set(CURLOPT_ERRORBUFFER, errorText_.data());
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_PROXY, "");
  set(CURLOPT_NOPROXY, "*");
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  set(CURLOPT_PATH_AS_IS, 1L);
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_HTTP09_ALLOWED, 0L);
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  // A directory of certificates would keep libcurl from caching the parsed store.
  set(CURLOPT_CAPATH, static_cast<char*>(nullptr));
  if (!settings_.caFile.empty()) set(CURLOPT_CAINFO, settings_.caFile.c_str());
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(settings_.connectTimeoutMs));
  set(CURLOPT_MAXLIFETIME_CONN, kConnectionLifeSeconds);
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_BUFFERSIZE, kReadBufferBytes);
  set(CURLOPT_UPLOAD_BUFFERSIZE, kWriteBufferBytes);
  set(CURLOPT_PREREQFUNCTION, &onBeforeRequest);
  set(CURLOPT_PREREQDATA, this);
  set(CURLOPT_OPENSOCKETFUNCTION, &onOpenSocket);
  set(CURLOPT_OPENSOCKETDATA, this);
  // A connection outlives the transfer that opened it, so it must not point there.
  set(CURLOPT_CLOSESOCKETFUNCTION, &onCloseSocket);
  set(CURLOPT_CLOSESOCKETDATA, &sockets_);
  set(CURLOPT_HEADERFUNCTION, &onHeader);
  set(CURLOPT_HEADERDATA, this);
  set(CURLOPT_WRITEFUNCTION, &onBody);
  set(CURLOPT_WRITEDATA, this);
}

void UpstreamTransfer::begin(const UpstreamRequest& request, const UpstreamOrigin& origin,
                             std::uint64_t tag) {
  request_ = &request;
  loopback_ = origin.loopback;
  tag_ = tag;
  handedOver_ = false;
  startedUs_ = steadyUs();
  refusal_.clear();
  headerBytes_ = 0;
  bodyBegun_ = false;
  lengthKnown_ = false;
  answer_ = {};
  errorText_[0] = '\0';
  setMethod(request);
  setHeaders(request);
  curl_easy_setopt(easy_.get(), CURLOPT_URL, request.url.c_str());
}

void UpstreamTransfer::setMethod(const UpstreamRequest& request) {
  const bool hasBody = !request.body.empty() || request.method == "POST" ||
                       request.method == "PUT" || request.method == "PATCH";
  // HTTPGET also clears what an earlier request on this handle has set.
  curl_easy_setopt(easy_.get(), CURLOPT_HTTPGET, 1L);
  if (request.method == "HEAD") {
    curl_easy_setopt(easy_.get(), CURLOPT_NOBODY, 1L);
  } else if (hasBody) {
    curl_easy_setopt(easy_.get(), CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy_.get(), CURLOPT_POSTFIELDS, request.body.data());
  }
  const bool usual = request.method == "HEAD" || (hasBody && request.method == "POST") ||
                     (!hasBody && request.method == "GET");
  curl_easy_setopt(easy_.get(), CURLOPT_CUSTOMREQUEST, usual ? nullptr : request.method.c_str());
}

void UpstreamTransfer::setHeaders(const UpstreamRequest& request) {
  headerText_.clear();
  headerStarts_.clear();
  const auto line = [&](std::string_view name, std::string_view between, std::string_view value) {
    headerStarts_.push_back(headerText_.size());
    headerText_.append(name).append(between).append(value).push_back('\0');
  };
  bool hasType = false;
  for (const auto& [name, value] : request.headers) {
    hasType = hasType || text::sameName(name, "content-type");
    // "Name;" is libcurl's way to send a header without a value.
    if (text::trim(value).empty()) {
      line(name, ";", "");
    } else {
      line(name, ": ", value);
    }
  }
  // Left to itself libcurl says that a body is a form, and waits before it sends a large one.
  if (!hasType) line("Content-Type", ":", "");
  line("Expect", ":", "");
  headerLines_.resize(headerStarts_.size());
  for (std::size_t i = 0; i < headerStarts_.size(); ++i) {
    headerLines_[i].data = headerText_.data() + headerStarts_[i];
    headerLines_[i].next = i + 1 < headerStarts_.size() ? &headerLines_[i + 1] : nullptr;
  }
  curl_easy_setopt(easy_.get(), CURLOPT_HTTPHEADER, headerLines_.data());
}

std::uint64_t UpstreamTransfer::tagOf(CURL* easy) {
  UpstreamTransfer* self = nullptr;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &self);
  return self == nullptr ? 0 : self->tag_;
}

bool UpstreamTransfer::isHandedOver(CURL* easy) {
  UpstreamTransfer* self = nullptr;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &self);
  return self != nullptr && self->handedOver_;
}

// libcurl calls this when a connection stands and before it writes a byte of the request: never
// called means never sent. When a reused connection dies without an answer, libcurl would send the
// request again over another one; the peer may have read the first, so the second is refused.
int UpstreamTransfer::onBeforeRequest(void* self, char*, char*, int, int) {
  auto& transfer = *static_cast<UpstreamTransfer*>(self);
  if (transfer.handedOver_) {
    transfer.refuse("the connection was closed without an answer");
    return CURL_PREREQFUNC_ABORT;
  }
  if (transfer.request_->mayLeave && !transfer.request_->mayLeave()) {
    transfer.refuse("it was no longer to be sent when the connection stood");
    return CURL_PREREQFUNC_ABORT;
  }
  transfer.handedOver_ = true;
  return CURL_PREREQFUNC_OK;
}

curl_socket_t UpstreamTransfer::onOpenSocket(void* self, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<UpstreamTransfer*>(self);
  if (transfer.handedOver_) {  // a connection to send it again: see onBeforeRequest
    transfer.refuse("the connection was closed without an answer");
    return CURL_SOCKET_BAD;
  }
  const UpstreamSettings& settings = transfer.settings_;
  const bool allowed =
      settings.allowPrivateAddresses || isPublicAddress(address->addr) ||
      (settings.allowLoopbackHttp && transfer.loopback_ && isLoopbackAddress(address->addr));
  if (!allowed) {
    transfer.refuse("the name leads to an address that is not on the public internet");
    return CURL_SOCKET_BAD;
  }
  const int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (fd < 0) return CURL_SOCKET_BAD;
  transfer.sockets_.opened(fd);
  return fd;
}

int UpstreamTransfer::onCloseSocket(void* sockets, curl_socket_t fd) {
  static_cast<UpstreamSockets*>(sockets)->closing(fd);
  return close(fd);
}

std::size_t UpstreamTransfer::onHeader(char* data, std::size_t one, std::size_t length,
                                       void* self) {
  auto& transfer = *static_cast<UpstreamTransfer*>(self);
  const std::size_t bytes = one * length;
  return transfer.takeHeaderLine({data, bytes}) ? bytes : bytes + 1;
}

bool UpstreamTransfer::takeHeaderLine(std::string_view line) {
  headerBytes_ += line.size();
  if (headerBytes_ > kAnswerHeaderBytesMax) return refuse("the answer's headers are too large");
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
  if (line.substr(0, 5) == "HTTP/") {  // of an interim answer first, perhaps
    answer_.headers.clear();
    lengthKnown_ = false;
    return true;
  }
  const std::size_t colon = line.find(':');
  if (bodyBegun_ || colon == std::string_view::npos) return true;  // a trailer, or the empty line
  if (answer_.headers.size() >= kAnswerHeadersMax) return refuse("the answer has too many headers");
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = text::trim(line.substr(colon + 1));
  if (text::sameName(name, "content-length")) {
    lengthKnown_ = true;
    const bool digits = value.find_first_not_of("0123456789") == std::string_view::npos;
    if (!digits || value.empty() || value.size() > 18)
      return refuse("the answer's length can't be read");
    const std::size_t announced = std::stoull(std::string(value));
    // The length of what HEAD leaves out says nothing about what will come.
    if (request_->method != "HEAD") {
      if (announced > request_->responseBytesMax) return refuse("the answer is too large");
      answer_.body.reserve(announced);
    }
  } else if (text::sameName(name, "transfer-encoding")) {
    if (!text::sameName(value, "chunked")) return refuse("the answer's encoding is not known");
    lengthKnown_ = true;
  }
  answer_.headers.emplace_back(name, value);
  return true;
}

std::size_t UpstreamTransfer::onBody(char* data, std::size_t one, std::size_t length, void* self) {
  auto& transfer = *static_cast<UpstreamTransfer*>(self);
  const std::size_t bytes = one * length;
  transfer.bodyBegun_ = true;
  std::string& body = transfer.answer_.body;
  if (bytes > transfer.request_->responseBytesMax - body.size()) {
    transfer.refuse("the answer is too large");
    return 0;
  }
  body.append(data, bytes);
  return bytes;
}

bool UpstreamTransfer::refuse(std::string reason) {
  if (refusal_.empty()) refusal_ = std::move(reason);
  return false;
}

std::string UpstreamTransfer::describe(CURLcode code) const {
  if (!refusal_.empty()) return refusal_;
  std::string text = curl_easy_strerror(code);
  if (errorText_[0] != '\0') text += ": " + base::printable(errorText_.data(), 200);
  return text;
}

UpstreamResult UpstreamTransfer::finish(CURLcode code) {
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  if (code != CURLE_OK || status < 200) {
    return conclude(handedOver_ ? UpstreamOutcome::noAnswer : UpstreamOutcome::notSent,
                    code == CURLE_OK ? "no final answer" : describe(code));
  }
  const bool bodiless = status == 204 || status == 304 || request_->method == "HEAD";
  // RFC 9112 section 8: a body that ends with the connection can't be told from a truncated one.
  if (!lengthKnown_ && !bodiless)
    return conclude(UpstreamOutcome::noAnswer, "the answer has no length, so it may be truncated");
  answer_.status = static_cast<int>(status);
  return conclude(UpstreamOutcome::response, {});
}

UpstreamResult UpstreamTransfer::abandon(std::string reason) {
  return conclude(handedOver_ ? UpstreamOutcome::noAnswer : UpstreamOutcome::notSent,
                  std::move(reason));
}

UpstreamResult UpstreamTransfer::conclude(UpstreamOutcome outcome, std::string error) {
  UpstreamResult result;
  if (outcome == UpstreamOutcome::response) result = std::move(answer_);
  answer_ = {};
  result.outcome = outcome;
  result.error = std::move(error);
  result.providerUs = steadyUs() - startedUs_;
  long connects = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_NUM_CONNECTS, &connects);
  result.reused = handedOver_ && connects == 0;
  if (!result.reused) {
    curl_off_t tcpUs = 0;
    curl_off_t tlsUs = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_CONNECT_TIME_T, &tcpUs);
    curl_easy_getinfo(easy_.get(), CURLINFO_APPCONNECT_TIME_T, &tlsUs);
    result.connectUs = std::max(tcpUs, tlsUs);
  }
  request_ = nullptr;
  return result;
}

}  // namespace unigate::net
