// One running call: drives an author's Machine, turns its steps into the C structs of plugin.h and
// owns all memory that they point to. Used by plugin.hpp alone.
#pragma once

#include <unigate/plugin.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unigate/abi.hpp>
#include <unigate/operation.hpp>
#include <utility>
#include <vector>

namespace unigate::sdk::detail {

// What the host grants. A limit that the host does not state is no limit.
struct HostTerms {
  std::uint64_t stepKinds = 0;
  ug_limits limits{};

  static HostTerms of(const ug_host* host) {
    HostTerms terms;
    const ug_host known = abi::readStruct(host);
    terms.stepKinds = known.step_kinds;
    terms.limits = abi::readStruct(known.limits);
    const auto open = [](auto& limit) {
      if (limit == 0) limit = std::numeric_limits<std::remove_reference_t<decltype(limit)>>::max();
    };
    open(terms.limits.steps_max);
    open(terms.limits.request_body_bytes_max);
    open(terms.limits.result_bytes_max);
    open(terms.limits.headers_max);
    open(terms.limits.timeout_ms_max);
    return terms;
  }
  bool understands(std::uint32_t kind) const { return (stepKinds >> kind & 1u) != 0; }
};

// The C form of a request, with the arrays that it points to. Borrows the request.
class RequestView {
 public:
  const ug_http_request* fill(const HttpRequest& request, std::uint32_t timeoutMsMax) {
    headers_.clear();
    for (const Header& header : request.headers) {
      headers_.push_back({abi::str(header.name), abi::str(header.value)});
    }
    redact_.clear();
    for (const std::string& path : request.redact) redact_.push_back(abi::str(path));
    view_ = ug_http_request{};
    view_.struct_size = sizeof view_;
    view_.method = static_cast<std::uint32_t>(request.method);
    view_.endpoint = abi::str(request.endpoint);
    view_.path = abi::str(request.path);
    view_.query = abi::str(request.query);
    view_.headers = headers_.data();
    view_.headers_count = static_cast<std::uint32_t>(headers_.size());
    view_.flags = request.mayRetry ? UG_HTTP_MAY_RETRY : 0;
    view_.body = abi::bytes(request.body);
    view_.auth = abi::str(request.auth);
    view_.timeout_ms = std::min(request.timeoutMs, timeoutMsMax);
    view_.redact_count = static_cast<std::uint32_t>(redact_.size());
    view_.redact = redact_.data();
    view_.trace_label = abi::str(request.traceLabel);
    return &view_;
  }

 private:
  ug_http_request view_{};
  std::vector<ug_header> headers_;
  std::vector<ug_str> redact_;
};

// True if the event is one that resume can read.
inline bool wellFormed(const ug_event& event) {
  return (event.kind == UG_EVENT_HTTP_RESPONSE || event.kind == UG_EVENT_HTTP_FAILED) &&
         (event.headers != nullptr || event.headers_count == 0) &&
         (event.body.ptr != nullptr || event.body.len == 0);
}

class RunningCall {
 public:
  // `operation` may be null: then the call ends with NOT_SUPPORTED. `settings` outlives the call.
  RunningCall(const Operation* operation, const HostTerms& terms, std::string_view requestIdHeader,
              json::View settings, const ug_begin& begin)
      : operation_(operation), terms_(terms), requestIdHeader_(requestIdHeader) {
    call_.operation = std::string(abi::view(begin.operation));
    call_.live = begin.mode == UG_MODE_LIVE;
    call_.idempotencyKey = std::string(abi::view(begin.idempotency_key));
    call_.attempt = begin.attempt;
    call_.recovering = static_cast<Recovering>(begin.recovering);
    call_.nowUnixMs = begin.now_unix_ms;
    call_.deadlineUnixMs = begin.deadline_unix_ms;
    std::copy(std::begin(begin.random), std::end(begin.random), call_.random.begin());
    call_.settings = settings;
    call_.requestsLeft = terms.limits.steps_max - 1;
  }

  std::int32_t begin(std::string_view inputJson, ug_step* out) {
    return present(firstStep(inputJson), out);
  }

  std::int32_t resume(const ug_event& event, ug_step* out) {
    if (!waiting_) return UG_CONTRACT_BAD_CALL;
    waiting_ = false;  // stays so if the author's code throws
    call_.nowUnixMs = event.now_unix_ms;
    if (event.kind == UG_EVENT_HTTP_FAILED) return present(failedStep(event.failure), out);
    const HttpResponse response(event.status, HeaderView(event.headers, event.headers_count),
                                abi::view(event.body));
    status_ = response.status();
    requestId_ = requestIdHeader_.empty()
                     ? std::string()
                     : std::string(response.header(requestIdHeader_).value_or(""));
    wroteBefore_ = wroteBefore_ || writes_;
    return present(machine_->resume(response, call_), out);
  }

 private:
  Step firstStep(std::string_view inputJson) {
    if (operation_ == nullptr) {
      return Error::notSupported("", "this provider has no operation '" + call_.operation + "'");
    }
    MakeMachine make = operation_->execute;
    if (call_.recovering == Recovering::Query && !isRead()) make = operation_->query;
    if (make == nullptr) {
      return Error::unknown(Category::NotSupported,
                            "'" + call_.operation + "' can't be looked up at this provider");
    }
    json::ReadError problem;
    if (!input_.parse(inputJson, problem)) {
      return Error::invalidRequest("", "the input is no JSON: " + problem.message);
    }
    call_.sentUntilUnixS = input_.root()["operation_sent_until_unix_s"].int64();
    machine_ = make();
    return machine_->begin(input_.root(), call_);
  }

  Step failedStep(std::uint32_t failure) const {
    // An unknown kind of failure is read as the worst one.
    if (failure != UG_HTTP_FAILED_NOT_SENT) {
      return Error::unknown(Category::UnknownOutcome, "the provider gave no complete answer");
    }
    constexpr const char* kText = "the provider could not be reached";
    // An earlier request of this call may have changed something.
    return wroteBefore_ ? Error::unknown(Category::ProviderUnavailable, kText)
                        : Error::notExecuted(Category::ProviderUnavailable, kText);
  }

  bool isRead() const { return (operation_->flags & UG_OPERATION_READ_ONLY) != 0; }

  // Puts the step into the host's struct. Steps beyond the host's limits become errors.
  std::int32_t present(Step step, ug_step* out) {
    step_.emplace(std::move(step));
    if (auto problem = beyondLimits()) step_.emplace(std::move(*problem));
    ug_step view{};
    if (HttpRequest* request = step_->request()) {
      --call_.requestsLeft;
      waiting_ = true;
      writes_ = request->method != Method::Get;
      view.kind = UG_STEP_HTTP;
      view.http = http_.fill(*request, terms_.limits.timeout_ms_max);
    } else if (Done* done = step_->done()) {
      view.kind = UG_STEP_DONE;
      view.result_json = abi::str(done->resultJson);
      view.provider_request_id = abi::str(requestId_);
    } else {
      view.kind = UG_STEP_FAIL;
      view.error = fillError(*step_->error());
    }
    if (!terms_.understands(view.kind)) return UG_CONTRACT_UNSUPPORTED;
    return abi::writeStruct(out, view, abi::kStepSizeMin) ? UG_OK : UG_CONTRACT_BAD_CALL;
  }

  std::optional<Error> beyondLimits() {
    const auto refuse = [this](std::string what) {
      return wroteBefore_ ? Error::unknown(Category::LimitExceeded, std::move(what))
                          : Error::notExecuted(Category::LimitExceeded, std::move(what));
    };
    if (const HttpRequest* request = step_->request()) {
      if (call_.requestsLeft == 0) return refuse("more steps than the gateway allows for one call");
      if (request->body.size() > terms_.limits.request_body_bytes_max ||
          request->headers.size() > terms_.limits.headers_max) {
        return refuse("the request to the provider is larger than the gateway allows");
      }
    } else if (const Done* done = step_->done()) {
      if (done->resultJson.size() > terms_.limits.result_bytes_max) {
        return Error::unknown(Category::LimitExceeded, "the result is larger than allowed");
      }
    }
    return std::nullopt;
  }

  const ug_error* fillError(Error& error) {
    // While recovering, the answer to this attempt alone proves nothing of the earlier ones.
    const bool ofThisAttemptAlone =
        error.outcome == Outcome::NotExecuted ||
        (error.outcome == Outcome::Declined && call_.recovering == Recovering::Query);
    if (call_.recovering != Recovering::No && !error.provenForAllAttempts && ofThisAttemptAlone) {
      error.outcome = Outcome::Unknown;
    }
    error_ = ug_error{};
    error_.struct_size = sizeof error_;
    error_.category = static_cast<std::uint32_t>(error.category);
    error_.outcome = static_cast<std::uint32_t>(error.outcome);
    error_.retry = static_cast<std::uint32_t>(error.retry);
    error_.retry_after_ms = error.retryAfterMs;
    error_.http_status = error.httpStatus != 0 ? error.httpStatus : status_;
    error_.provider_code = abi::str(error.providerCode);
    error_.decline_code = abi::str(error.declineCode);
    error_.provider_message = abi::str(error.message);
    error_.field = abi::str(error.field);
    error_.provider_request_id = abi::str(error.requestId.empty() ? requestId_ : error.requestId);
    error_.resource_json = abi::str(error.resourceJson);
    return &error_;
  }

  const Operation* operation_;
  const HostTerms& terms_;
  std::string_view requestIdHeader_;
  Call call_;
  json::Document input_;
  std::unique_ptr<Machine> machine_;
  std::optional<Step> step_;  // owns what the structs below point to
  RequestView http_;
  ug_error error_{};
  std::string requestId_;
  std::uint32_t status_ = 0;
  bool waiting_ = false;      // for the answer to a request
  bool writes_ = false;       // that request may change something at the provider
  bool wroteBefore_ = false;  // an earlier request of this call may have
};

}  // namespace unigate::sdk::detail
