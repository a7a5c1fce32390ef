// Operations as an adapter's author writes them: `build` and `parse` for one request, or `first`
// and `next` over a state of the author's for several; and the table in which they are registered.
#pragma once

#include <unigate/plugin.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unigate/error.hpp>
#include <unigate/http.hpp>
#include <unigate/input.hpp>
#include <unigate/json.hpp>
#include <unigate/unified.hpp>
#include <utility>
#include <variant>

namespace unigate::sdk {

enum class Recovering : std::uint32_t {
  No = UG_RECOVERING_NO,
  Resend = UG_RECOVERING_RESEND,
  Query = UG_RECOVERING_QUERY,
};

// All that an operation may know besides its input. Lives as long as the call.
struct Call {
  std::string operation;
  bool live = false;
  std::string idempotencyKey;  // the same for every attempt; empty for reads
  std::uint32_t attempt = 1;
  Recovering recovering = Recovering::No;
  std::int64_t nowUnixMs = 0;  // of the latest begin or resume
  std::int64_t deadlineUnixMs = 0;
  std::array<std::uint8_t, 32> random{};  // the only randomness; the same for every attempt
  std::uint32_t requestsLeft = 0;         // further HTTP requests that the host allows this call
  json::View settings;                    // non-secret credential fields of the account
  // In a look-up of something that was made: nothing of the operation comes to be at the provider
  // later than that by our clock (`operation_sent_until_unix_s`), so that a "not there" is final
  // once it has passed. Empty: not known.
  std::optional<std::int64_t> sentUntilUnixS;

  // A non-secret credential field of the account; empty where it is not set.
  std::string_view setting(std::string_view name) const { return settings[name].stringOr(""); }
};

// The end of a call that succeeded: JSON text of the result.
struct Done {
  std::string resultJson;
};

template <typename T>
Done done(const T& result) {
  return Done{toJson(result)};
}

// What the host shall do next: send a request, or end with a result or an error.
class Step {
 public:
  Step(HttpRequest request) : content_(std::move(request)) {}
  Step(Done done) : content_(std::move(done)) {}
  Step(Error error) : content_(std::move(error)) {}
  Step(Result<HttpRequest> built) : content_(Error{}) {
    if (built)
      content_ = std::move(built).value();
    else
      content_ = std::move(built).error();
  }
  template <typename T>
  Step(const Result<T>& result) : content_(Error{}) {
    if (result)
      content_ = sdk::done(*result);
    else
      content_ = result.error();
  }

  HttpRequest* request() { return std::get_if<HttpRequest>(&content_); }
  Done* done() { return std::get_if<Done>(&content_); }
  Error* error() { return std::get_if<Error>(&content_); }

 private:
  std::variant<HttpRequest, Done, Error> content_;
};

// One running operation. Authors don't write these: see oneRequest and severalRequests.
class Machine {
 public:
  Machine() = default;
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;
  virtual ~Machine() = default;
  virtual Step begin(json::View input, const Call& call) = 0;
  virtual Step resume(const HttpResponse& response, const Call& call) = 0;
};

using MakeMachine = std::unique_ptr<Machine> (*)();

// One row of an adapter's table. Must say the same as the manifest.
struct Operation {
  std::string_view name;                      // "payments.create"
  std::uint32_t recovery = UG_RECOVERY_NONE;  // UG_RECOVERY_*
  std::uint32_t windowS = 0;                  // for which a resend with the same key is safe
  std::uint32_t flags = 0;                    // UG_OPERATION_*
  MakeMachine execute = nullptr;
  // Runs instead of `execute` when the host asks what became of the operation
  // (UG_RECOVERING_QUERY): moves nothing. Reads don't need one.
  MakeMachine query = nullptr;
};

namespace detail {

template <typename F>
struct Signature;
template <typename R, typename A, typename... Rest>
struct Signature<R (*)(A, Rest...)> {
  using First = std::remove_cvref_t<A>;
};
template <typename R, typename A, typename B, typename... Rest>
struct Signature<R (*)(A, B, Rest...)> {
  using First = std::remove_cvref_t<A>;
  using Second = std::remove_cvref_t<B>;
};

template <auto Build, auto Parse>
class OneRequest final : public Machine {
  using Input = typename Signature<decltype(Build)>::First;

 public:
  Step begin(json::View root, const Call& call) override {
    Result<Input> read = readInput<Input>(root);
    if (!read) return std::move(read).error();
    input_ = std::move(read).value();
    if constexpr (std::is_invocable_v<decltype(Build), const Input&, const Call&>) {
      return Build(input_, call);
    } else {
      return Build(input_);
    }
  }
  Step resume(const HttpResponse& response, const Call& call) override {
    if constexpr (std::is_invocable_v<decltype(Parse), const HttpResponse&, const Input&,
                                      const Call&>) {
      return Parse(response, input_, call);
    } else if constexpr (std::is_invocable_v<decltype(Parse), const HttpResponse&, const Input&>) {
      return Parse(response, input_);
    } else {
      return Parse(response);
    }
  }

 private:
  Input input_{};
};

template <auto First, auto Next>
class SeveralRequests final : public Machine {
  using State = typename Signature<decltype(First)>::First;
  using Input = typename Signature<decltype(First)>::Second;

 public:
  Step begin(json::View root, const Call& call) override {
    Result<Input> read = readInput<Input>(root);
    if (!read) return std::move(read).error();
    if constexpr (std::is_invocable_v<decltype(First), State&, const Input&, const Call&>) {
      return First(state_, *read, call);
    } else {
      return First(state_, *read);
    }
  }
  Step resume(const HttpResponse& response, const Call& call) override {
    if constexpr (std::is_invocable_v<decltype(Next), State&, const HttpResponse&, const Call&>) {
      return Next(state_, response, call);
    } else {
      return Next(state_, response);
    }
  }

 private:
  State state_{};
};

}  // namespace detail

// An operation of one request.
//   build: (const Input&[, const Call&]) -> HttpRequest or Result<HttpRequest>
//   parse: (const HttpResponse&[, const Input&[, const Call&]]) -> Result<T>, Error or Done
template <auto Build, auto Parse>
std::unique_ptr<Machine> oneRequest() {
  return std::make_unique<detail::OneRequest<Build, Parse>>();
}

// An operation of several requests over the author's struct State.
//   first: (State&, const Input&[, const Call&]) -> Step
//   next:  (State&, const HttpResponse&[, const Call&]) -> Step
// `first` copies out of the input what `next` will need.
template <auto First, auto Next>
std::unique_ptr<Machine> severalRequests() {
  return std::make_unique<detail::SeveralRequests<First, Next>>();
}

}  // namespace unigate::sdk
