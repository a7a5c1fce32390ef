// One libcurl handle, set up once and used for one request after another. Knows what decides about
// money: whether a byte of the request can have left, and that it leaves once. Used by
// UpstreamClient alone, on its loop's thread.
#pragma once

#include <curl/curl.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/upstream_client.hpp"

namespace unigate::net {

// Where a request goes: what its URL says before the path. Cached, for parsing costs more than the
// rest of a request's preparation.
struct UpstreamOrigin {
  bool loopback = false;  // the literal host is a loopback address or localhost
};

// The origin of a URL ("https://host:port"), without what follows; empty when there is none.
std::string_view originOf(std::string_view url);
// Judges an origin: the error says why no request may go there.
tl::expected<UpstreamOrigin, std::string> judgeOrigin(std::string_view origin,
                                                      const UpstreamSettings& settings);
// Why this request can't be written as one unambiguous HTTP request; empty when it can. The origin
// is not looked at.
std::string whyUnsendable(const UpstreamRequest& request);

// What the client provides to the sockets of its transfers.
class UpstreamSockets {
 public:
  virtual ~UpstreamSockets() = default;
  virtual void opened(int fd) = 0;
  virtual void closing(int fd) = 0;
};

class UpstreamTransfer {
 public:
  // `share` and `sockets` outlive the transfer; `settings` too.
  UpstreamTransfer(const UpstreamSettings& settings, CURLSH* share, UpstreamSockets& sockets);
  ~UpstreamTransfer() = default;
  UpstreamTransfer(const UpstreamTransfer&) = delete;
  UpstreamTransfer& operator=(const UpstreamTransfer&) = delete;

  CURL* handle() const { return easy_.get(); }

  // Prepares for `request`, which must stay where it is until release(). `tag` comes back from
  // tagOf().
  void begin(const UpstreamRequest& request, const UpstreamOrigin& origin, std::uint64_t tag);
  static std::uint64_t tagOf(CURL* easy);
  // handedOver() of the transfer that owns a handle; false for a handle of libcurl's own.
  static bool isHandedOver(CURL* easy);

  // True as soon as libcurl may have written a byte of the request.
  bool handedOver() const { return handedOver_; }
  // What became of the request, after libcurl has let go of it.
  UpstreamResult finish(CURLcode code);
  // The same for a request that was ended from outside, for `reason`.
  UpstreamResult abandon(std::string reason);

 private:
  static int onBeforeRequest(void* self, char*, char*, int, int);
  static curl_socket_t onOpenSocket(void* self, curlsocktype, curl_sockaddr* address);
  static int onCloseSocket(void* sockets, curl_socket_t fd);
  static std::size_t onHeader(char* data, std::size_t one, std::size_t length, void* self);
  static std::size_t onBody(char* data, std::size_t one, std::size_t length, void* self);

  struct HandleDeleter {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  };

  void setUp(CURLSH* share);
  void setMethod(const UpstreamRequest& request);
  void setHeaders(const UpstreamRequest& request);
  bool takeHeaderLine(std::string_view line);
  bool refuse(std::string reason);
  std::string describe(CURLcode code) const;
  UpstreamResult conclude(UpstreamOutcome outcome, std::string error);

  const UpstreamSettings& settings_;
  UpstreamSockets& sockets_;
  std::unique_ptr<CURL, HandleDeleter> easy_;
  std::array<char, CURL_ERROR_SIZE> errorText_{};

  const UpstreamRequest* request_ = nullptr;
  bool loopback_ = false;
  std::uint64_t tag_ = 0;
  bool handedOver_ = false;
  std::int64_t startedUs_ = 0;
  std::string headerText_;  // the header lines, each ended by NUL
  std::vector<std::size_t> headerStarts_;
  std::vector<curl_slist> headerLines_;  // a list into headerText_

  std::string refusal_;  // why we ended it ourselves
  std::size_t headerBytes_ = 0;
  bool bodyBegun_ = false;
  bool lengthKnown_ = false;
  UpstreamResult answer_;
};

}  // namespace unigate::net
