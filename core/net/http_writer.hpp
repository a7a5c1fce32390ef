// Writes answers: status line, Date, Content-Length, Connection and the handler's header fields.
// The edge's connections call it on the loop's thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "net/edge_server.hpp"

namespace unigate::net {

// Reason phrase of a status (RFC 9110, 15); "Status" for one that this list does not have.
std::string_view reasonPhrase(int status);

// "Sun, 06 Nov 1994 08:49:37 GMT", made anew only when the second changes.
class HttpDate {
 public:
  std::string_view at(std::int64_t unixMs);

 private:
  std::int64_t second_ = -1;
  std::array<char, 32> text_{};
  std::size_t length_ = 0;
};

// How one answer goes out.
struct AnswerFrame {
  std::string_view date;
  bool head = false;      // of a HEAD request: the length of the body, not the body
  bool keepAlive = true;  // false writes "Connection: close"
  bool http10 = false;    // an open connection has to be announced to a 1.0 client
};

// False when the status is out of 200..599 or a header field has an illegal name or value: then it
// must not be sent, or it could end the answer early.
bool isSendable(const Response& response);

// Appends the whole answer to `out`. Content-Length, Date, Connection and Transfer-Encoding among
// the response's own fields are left out. Precondition: isSendable().
void appendAnswer(std::string& out, const Response& response, const AnswerFrame& frame);

}  // namespace unigate::net
