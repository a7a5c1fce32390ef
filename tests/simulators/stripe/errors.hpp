// Stripe's error answers. Operations throw ApiError; the provider turns it into the JSON body that
// Stripe would send.
#pragma once

#include <exception>
#include <string>
#include <string_view>

namespace simulators::stripe {

struct ApiError : std::exception {
  unsigned status = 400;
  std::string type = "invalid_request_error";
  std::string code;
  std::string declineCode;
  std::string adviceCode;
  std::string message;
  std::string param;
  std::string charge;
  std::string paymentJson;
  std::string methodJson;
  std::string setupJson;
  // Whether the operation had begun: only then is the answer kept under the idempotency key.
  bool begun = true;

  const char* what() const noexcept override { return message.c_str(); }
  std::string body(std::string_view requestId) const;
};

// A parameter that was refused before anything began.
ApiError invalidParameter(std::string param, std::string message, std::string code = {});
ApiError parameterMissing(std::string param);
// No object has the id: 404 if the path names it, 400 if a parameter does.
ApiError resourceMissing(std::string_view kind, std::string_view id, std::string param,
                         bool inPath);
ApiError unauthorized(std::string message);
ApiError internalError();
ApiError rateLimited();

}  // namespace simulators::stripe
