// Bodies of multipart/form-data (RFC 7578) that are the same for the same input. Used by the
// operations on disputes.
#pragma once

#include <string>
#include <string_view>

namespace paypal {

// A boundary that stands nowhere in `content`: a fixed text, made longer until it is unique.
inline std::string boundaryFor(std::string_view content) {
  std::string boundary = "unigate-form-data";
  while (content.find(boundary) != std::string_view::npos) boundary += "-x";
  return boundary;
}

// One part of JSON under the name `input`.
inline std::string inputPart(std::string_view inputJson, std::string_view boundary) {
  std::string body = "--";
  body.append(boundary).append("\r\nContent-Disposition: form-data; name=\"input\"\r\n");
  body.append("Content-Type: application/json\r\n\r\n").append(inputJson).append("\r\n--");
  body.append(boundary).append("--\r\n");
  return body;
}

}  // namespace paypal
