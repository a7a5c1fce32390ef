// A strict, incremental parser of HTTP/1.1 requests (RFC 9110, 9112) without any I/O: bytes go in,
// requests or a refusal come out, the same however the bytes were cut. The edge's connections feed
// it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "net/edge_server.hpp"

namespace unigate::net {

// Bounds of one request, in bytes but for the count of header fields.
struct HttpLimits {
  std::size_t headersMax = base::limits::kHeadersMax;
  std::size_t headerBytesMax = base::limits::kHeaderBytesMax;  // trailers and extensions included
  std::size_t uriBytesMax = base::limits::kUriBytesMax;
  std::size_t bodyBytesMax = base::limits::kBodyBytesMax;
};

// Why a request was refused: the status to answer with and texts that live for ever.
struct HttpRefusal {
  int status = 0;
  std::string_view code;
  std::string_view detail;
};

// One thread at a time. After a refusal nothing more is read: the connection has to be closed.
class HttpParser {
 public:
  enum class Status : std::uint8_t { needMore, complete, refused };

  // `limits` stay the caller's and must outlive the parser.
  explicit HttpParser(const HttpLimits& limits) : limits_(&limits) {}

  // Reads up to the end of the current request; `consumed` tells how many bytes that took. After
  // `complete`, take() the request before the next feed().
  Status feed(std::string_view bytes, std::size_t& consumed);

  // The complete request; the parser then waits for the next one.
  Request take();
  // Whether the connection may stay open after the request that is complete. Ask before take().
  bool keepAlive() const {
    return request_.versionMinor == 1 ? !sawClose_ : sawKeepAlive_ && !sawClose_;
  }

  // True once a byte of a request has been read (empty lines before it do not count).
  bool started() const { return state_ > State::startLf; }
  // True when the header section is complete and the body is not.
  bool inBody() const { return headersDone_; }
  // True when the client waits for "100 Continue" before it sends the body.
  bool wantsContinue() const { return headersDone_ && expectsContinue_ && !bodyStarted_; }
  const HttpRefusal& refusal() const { return refusal_; }

 private:
  enum class State : std::uint8_t {
    start,
    startLf,
    method,
    target,
    version,
    lineCr,
    lineLf,
    fieldStart,  // from here to quotedEnd: counted against headerBytesMax
    fieldName,
    valueStart,
    value,
    valueLf,
    sectionLf,
    extensionName,
    extensionValueStart,
    extensionValue,
    quoted,
    quotedEscape,
    quotedEnd,
    chunkSize,
    chunkLf,
    chunkData,
    chunkDataCr,
    chunkDataLf,
    fixedBody,
    complete,
    refused,
  };
  using Cursor = const char*;

  Cursor step(Cursor at, Cursor end);
  Cursor onStart(Cursor at);
  Cursor onMethod(Cursor at, Cursor end);
  Cursor onTarget(Cursor at, Cursor end);
  Cursor onVersion(Cursor at, Cursor end);
  Cursor onFieldStart(Cursor at);
  Cursor onFieldName(Cursor at, Cursor end);
  Cursor onValueStart(Cursor at, Cursor end);
  Cursor onValue(Cursor at, Cursor end);
  Cursor onChunkSize(Cursor at, Cursor end);
  Cursor onExtensionName(Cursor at, Cursor end);
  Cursor onExtensionValueStart(Cursor at);
  Cursor onExtensionValue(Cursor at, Cursor end);
  Cursor onQuoted(Cursor at, Cursor end);
  Cursor onQuotedEscape(Cursor at);
  Cursor onBody(Cursor at, Cursor end);
  Cursor expect(Cursor at, char wanted, State next, std::string_view detail);
  Cursor afterExtension(Cursor at);

  void requestLineDone();
  bool readTarget();
  bool readAbsoluteTarget();
  void fieldDone();
  void trailerDone();
  void readConnection(std::string_view value);
  bool readContentLength(std::string_view value);
  void sectionDone();
  void headersDone();
  bool checkHost();
  bool checkFraming();
  void chunkLineDone();
  Cursor refuse(Cursor at, int status, std::string_view code, std::string_view detail);
  Cursor refuseBad(Cursor at, std::string_view detail) {
    return refuse(at, 400, "bad_request", detail);
  }

  const HttpLimits* limits_;
  State state_ = State::start;
  std::uint8_t emptyLines_ = 0;
  std::uint8_t versionAt_ = 0;
  std::uint8_t chunkDigits_ = 0;
  bool headersDone_ = false;
  bool bodyStarted_ = false;
  bool chunked_ = false;
  bool hasLength_ = false;
  bool sawClose_ = false;
  bool sawKeepAlive_ = false;
  bool expectsContinue_ = false;
  bool expectsOther_ = false;
  bool extensionEmpty_ = true;
  std::uint32_t hosts_ = 0;
  std::uint32_t fields_ = 0;
  std::size_t sectionBytes_ = 0;
  std::uint64_t bodyLeft_ = 0;  // of the body or of the chunk
  std::string_view authority_;  // into request_.target, of an absolute-form
  Request request_;
  HttpRefusal refusal_;
};

}  // namespace unigate::net
