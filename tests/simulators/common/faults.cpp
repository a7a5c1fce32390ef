#include "common/faults.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace simulators {
namespace {

struct KindName {
  FaultKind kind;
  std::string_view name;
};
constexpr std::array<KindName, 9> kKinds{{{FaultKind::kDelay, "delay"},
                                          {FaultKind::kStatus429, "status_429"},
                                          {FaultKind::kError500Before, "error_500_before"},
                                          {FaultKind::kError500After, "error_500_after"},
                                          {FaultKind::kDropBefore, "drop_before"},
                                          {FaultKind::kDropAfter, "drop_after"},
                                          {FaultKind::kTruncate, "truncate"},
                                          {FaultKind::kSlowHeaders, "slow_headers"},
                                          {FaultKind::kRefuseConnections, "refuse_connections"}}};
constexpr std::int64_t kDelayMsMax = 600'000;

std::optional<FaultKind> kindOf(std::string_view name) {
  for (const auto& entry : kKinds) {
    if (entry.name == name) return entry.kind;
  }
  return std::nullopt;
}

std::string_view storedName(StoredAnswer stored) {
  if (stored == StoredAnswer::kError) return "error";
  return stored == StoredAnswer::kResult ? "result" : "nothing";
}

// Sets what is kept under the idempotency key; an empty text means the usual behaviour of the kind.
bool setStored(Fault& fault, std::string_view text) {
  const bool after = fault.kind == FaultKind::kError500After;
  if (text.empty()) {
    fault.stored = after ? StoredAnswer::kError : StoredAnswer::kNothing;
    return true;
  }
  if (text == "error" && (after || fault.kind == FaultKind::kError500Before)) {
    fault.stored = StoredAnswer::kError;
    return true;
  }
  fault.stored = StoredAnswer::kResult;
  return text == "result" && after;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::string problemOf(const Fault& fault) {
  if (fault.delay.count() < 0 || fault.delay.count() > kDelayMsMax) {
    return "delay_ms must be between 0 and 600000";
  }
  if (fault.times < -1 || fault.times == 0) return "times must be -1 or at least 1";
  const bool needsDelay = fault.kind == FaultKind::kDelay || fault.kind == FaultKind::kSlowHeaders;
  if (needsDelay && fault.delay.count() == 0) return "this kind needs delay_ms";
  if (fault.kind == FaultKind::kRefuseConnections && fault.delay.count() == 0 && fault.times < 0) {
    return "refuse_connections without end could not be taken back: give delay_ms or times";
  }
  return {};
}

}  // namespace

std::string_view faultName(FaultKind kind) {
  return std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& k) { return k.kind == kind; })
      ->name;
}

Delivery deliveryOf(const std::optional<Fault>& fault) {
  Delivery delivery;
  if (!fault) return delivery;
  switch (fault->kind) {
    case FaultKind::kDropBefore:
    case FaultKind::kDropAfter:
      delivery.kind =
          fault->reset ? Delivery::Kind::kResetUnanswered : Delivery::Kind::kCloseUnanswered;
      break;
    case FaultKind::kTruncate:
      delivery.kind = Delivery::Kind::kTruncated;
      break;
    case FaultKind::kSlowHeaders:
      delivery.kind = Delivery::Kind::kSlow;
      delivery.pace = fault->delay;
      break;
    default:
      break;
  }
  return delivery;
}

bool Fault::executes() const {
  return kind != FaultKind::kStatus429 && kind != FaultKind::kError500Before &&
         kind != FaultKind::kDropBefore;
}

FaultList::Added FaultList::add(const JsonValue& description) {
  Added added;
  if (!description.IsObject()) return added.problem = "a JSON object is expected", added;
  for (const auto& member : description.GetObject()) {
    static constexpr std::array<std::string_view, 7> kKnown{
        "provider", "match", "kind", "delay_ms", "times", "stored", "reset"};
    const std::string_view name(member.name.GetString(), member.name.GetStringLength());
    if (std::find(kKnown.begin(), kKnown.end(), name) == kKnown.end()) {
      return added.problem = "unknown field " + std::string(name), added;
    }
  }
  const auto kind = kindOf(jsonText(description, "kind"));
  if (!kind) return added.problem = "unknown kind", added;
  Fault fault;
  fault.kind = *kind;
  fault.provider = jsonText(description, "provider");
  if (fault.provider.empty()) return added.problem = "provider is missing", added;
  fault.delay = std::chrono::milliseconds(jsonInteger(description, "delay_ms", 0));
  fault.times = jsonInteger(description, "times", 1);
  fault.reset = jsonFlag(description, "reset");
  if (!setStored(fault, jsonText(description, "stored"))) {
    return added.problem = "stored does not suit this kind", added;
  }
  if (const auto match = description.FindMember("match"); match != description.MemberEnd()) {
    if (!match->value.IsObject()) return added.problem = "match must be an object", added;
    fault.method = jsonText(match->value, "method");
    fault.pathPrefix = jsonText(match->value, "path_prefix");
    fault.pathSuffix = jsonText(match->value, "path_suffix");
  }
  if (added.problem = problemOf(fault); !added.problem.empty()) return added;
  fault.id = added.id = ++lastId_;
  added.fault = fault;
  // A refused connection never becomes a request, so there is nothing to match later.
  if (fault.kind != FaultKind::kRefuseConnections) faults_.push_back(std::move(fault));
  return added;
}

std::optional<Fault> FaultList::take(std::string_view provider, std::string_view method,
                                     std::string_view path) {
  for (auto& fault : faults_) {
    if (fault.times == 0 || fault.provider != provider) continue;
    if (!fault.method.empty() && fault.method != method) continue;
    if (!path.starts_with(fault.pathPrefix) || !path.ends_with(fault.pathSuffix)) continue;
    if (fault.times > 0) --fault.times;
    ++fault.hits;
    return fault;
  }
  return std::nullopt;
}

std::optional<Fault> FaultList::fromHeader(std::string_view text) {
  const auto kind = kindOf(trimmed(text.substr(0, text.find(';'))));
  if (!kind || *kind == FaultKind::kRefuseConnections) return std::nullopt;
  Fault fault;
  fault.kind = *kind;
  std::string_view stored;
  while (text.find(';') != std::string_view::npos) {
    text.remove_prefix(text.find(';') + 1);
    const auto option = trimmed(text.substr(0, text.find(';')));
    if (option.starts_with("stored=")) stored = option.substr(7);
    if (option == "reset") fault.reset = true;
    if (option.starts_with("delay_ms=")) {
      std::int64_t ms = -1;
      const auto digits = option.substr(9);
      if (std::from_chars(digits.data(), digits.data() + digits.size(), ms).ec != std::errc())
        ms = -1;
      fault.delay = std::chrono::milliseconds(ms);
    }
  }
  if (!setStored(fault, stored) || !problemOf(fault).empty()) return std::nullopt;
  return fault;
}

void FaultList::write(JsonWriter& json) const {
  json.beginArray();
  for (const auto& fault : faults_) {
    json.beginObject();
    json.field("id", fault.id);
    json.field("provider", fault.provider);
    json.field("kind", faultName(fault.kind));
    json.beginObject("match");
    json.textOrNull("method", fault.method);
    json.textOrNull("path_prefix", fault.pathPrefix);
    json.textOrNull("path_suffix", fault.pathSuffix);
    json.endObject();
    json.field("delay_ms", fault.delay.count());
    json.field("times_left", fault.times);
    json.field("hits", fault.hits);
    json.field("stored", storedName(fault.stored));
    json.field("reset", fault.reset);
    json.endObject();
  }
  json.endArray();
}

}  // namespace simulators
