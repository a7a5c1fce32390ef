// Tests that answer with what no sound provider sends: every status, lost answers, spoilt bodies.
#include <array>
#include <unigate/json.hpp>

#include "plugin_host/check/tests.hpp"

namespace unigate::plugin_host::check {
namespace {

constexpr std::int64_t kAnsweredUnixMs = 1'785'000'001'000;
constexpr std::size_t kCutsMax = 150;
constexpr int kRandomBodies = 40;
constexpr std::size_t kSpoiltMax = 1500;

constexpr std::string_view kHtml =
    "<!doctype html><html><head><title>502 Bad Gateway</title></head><body>upstream</body></html>";

struct Body {
  const char* name;
  std::string_view text;
  const char* type;
  bool provesNothing;  // what any machine between us and the provider could have said
};

constexpr std::array kBodies = {
    Body{"an empty body", "", "text/plain", true},
    Body{"an HTML body", kHtml, "text/html", true},
    Body{"an empty JSON object", "{}", "application/json", false},
    Body{"a JSON error",
         R"({"error":{"type":"x","code":"x","message":"x"},"message":"x","code":20003})",
         "application/json", false},
};

HttpEvent response(std::uint32_t status, std::string_view body, const char* type) {
  return {HttpEvent::Kind::response,
          status,
          {{"Content-Type", type}, {"Request-Id", "req_check"}},
          std::string(body),
          kAnsweredUnixMs};
}

// A case with an instance of its own, spoilt at one of its answers.
class Target {
 public:
  Target(Subject& subject, const Case& how)
      : subject_(subject), how_(how), instance_(subject.plugin(), how.mode, how.settingsJson) {}

  bool ready(Report& report) const {
    if (instance_.handle() == nullptr) report.fail(nameOf(how_) + ": " + instance_.trouble());
    return instance_.handle() != nullptr;
  }
  // Places where an answer is awaited: at least the first.
  std::size_t places() const { return std::max<std::size_t>(how_.exchange.size(), 1); }
  Probe answer(std::size_t place, const HttpEvent& event) const {
    return probe(subject_.plugin(), instance_.handle(), how_, place, event);
  }
  Run sound() const { return playCase(subject_.plugin(), instance_.handle(), how_, {}); }
  bool readOnly() const { return subject_.readOnly(how_); }
  const Case& how() const { return how_; }

 private:
  Subject& subject_;
  const Case& how_;
  RawInstance instance_;
};

Outcome outcomeOf(const Probe& probe) {
  const auto* fail = std::get_if<FailStep>(&probe.end);
  return fail != nullptr ? fail->error.outcome : Outcome::unknown;
}

// What the ABI forbids after this status, as a sentence; empty: all is well.
std::string findStatusFault(const Target& target, const Probe& probe, std::uint32_t status,
                            const Body& body) {
  if (const auto* fault = std::get_if<FaultStep>(&probe.end))
    return "breaks its contract: " + fault->reason;
  const bool success = status >= 200 && status <= 299;
  if (const auto* done = std::get_if<DoneStep>(&probe.end)) {
    if (!success) return "is taken for success: " + done->resultJson.substr(0, 200);
    return findInventedAmount(done->resultJson, target.how().inputJson, probe.answersText, {});
  }
  if (status >= 500 && outcomeOf(probe) == Outcome::declined) return "is taken for a decline";
  const bool mustBeUnknown = !target.readOnly() && probe.changing && body.provesNothing;
  if (mustBeUnknown && (status >= 500 || success) && outcomeOf(probe) != Outcome::unknown) {
    return "proves nothing, yet the outcome is " + std::string(toText(outcomeOf(probe)));
  }
  return {};
}

// Answers that can't be read: whatever the status promised, nothing is known.
void tryUnreadable(const Target& target, std::size_t place, const HttpEvent& event,
                   const std::string& what, Report& report) {
  report.tried();
  const Probe got = target.answer(place, event);
  if (const auto* fault = std::get_if<FaultStep>(&got.end)) {
    return report.fail(nameOf(target.how()) + ": " + what +
                       " breaks its contract: " + fault->reason);
  }
  if (const auto* done = std::get_if<DoneStep>(&got.end)) {
    const std::string invented =
        findInventedAmount(done->resultJson, target.how().inputJson, got.answersText, {});
    if (!invented.empty()) report.fail(nameOf(target.how()) + ": " + what + " " + invented);
    return;
  }
  if (!target.readOnly() && got.changing && event.status <= 299 &&
      outcomeOf(got) != Outcome::unknown) {
    report.fail(nameOf(target.how()) + ": " + what + " proves nothing, yet the outcome is " +
                std::string(toText(outcomeOf(got))));
  }
}

void tryDamaged(Subject& subject, const Target& target, std::size_t place, Report& report) {
  const HttpEvent& sound = target.how().exchange[place].event;
  HttpEvent event = sound;
  const std::size_t stride = std::max<std::size_t>(sound.body.size() / kCutsMax, 1);
  for (std::size_t at = 0; at < sound.body.size(); at += stride) {
    event.body = sound.body.substr(0, at);
    tryUnreadable(target, place, event, "a body cut at byte " + std::to_string(at), report);
  }
  for (int i = 0; i < kRandomBodies; ++i) {
    event.body.resize(subject.random().below(512) + 1);
    subject.random().fill({reinterpret_cast<std::uint8_t*>(event.body.data()), event.body.size()});
    tryUnreadable(target, place, event, "a body of random bytes", report);
  }
  event.body = std::string(100'000, '[');
  tryUnreadable(target, place, event, "a body nested 100000 deep", report);
  event.body = "{\"a\":" + std::string(2000, '[') + std::string(2000, ']') + "}";
  tryUnreadable(target, place, event, "a body nested 2000 deep", report);
  event.body = std::string(1024 * 1024, ' ');
  tryUnreadable(target, place, event, "a body of 1 MiB of blanks", report);
  if (sound.body.size() > 2 && sound.body.front() == '{') {
    event.body = R"({"id":"x","amount":1,"status":"succeeded",)" + sound.body.substr(1);
    tryUnreadable(target, place, event, "a body with duplicate keys", report);
    event.body = sound.body + sound.body;
    tryUnreadable(target, place, event, "two bodies in one", report);
  }
}

void trySpoilt(Subject& subject, const Target& target, std::size_t place, Report& report) {
  const HttpEvent& sound = target.how().exchange[place].event;
  const Run unspoilt = target.sound();
  const auto* done = std::get_if<DoneStep>(&unspoilt.last());
  const std::string soundJson = done != nullptr ? done->resultJson : std::string();
  std::vector<SpoiltJson> bodies = spoilJson(sound.body);
  for (std::size_t i = bodies.size(); i > 1; --i) {
    std::swap(bodies[i - 1], bodies[subject.random().below(i)]);
  }
  bodies.resize(std::min(bodies.size(), kSpoiltMax));
  HttpEvent event = sound;
  for (SpoiltJson& body : bodies) {
    event.body = std::move(body.text);
    const Probe got = target.answer(place, event);
    report.tried();
    if (const auto* fault = std::get_if<FaultStep>(&got.end)) {
      report.fail(nameOf(target.how()) + ": breaks its contract (" + fault->reason + ") on " +
                  event.body.substr(0, 300));
    }
    if (const auto* end = std::get_if<DoneStep>(&got.end)) {
      const std::string invented =
          findInventedAmount(end->resultJson, target.how().inputJson, got.answersText,
                             body.amount ? soundJson : std::string());
      if (!invented.empty()) {
        report.fail(nameOf(target.how()) + ": " + invented + ", on " + event.body.substr(0, 300));
      }
    }
  }
}

// Index of the request that executes the operation: the last in the exchange that changes
// something. What comes before it (a customer is made, a state is read) may fail with nothing
// executed.
std::size_t decisiveRequest(const Case& how) {
  for (std::size_t i = how.exchange.size(); i > 0; --i) {
    json::Document request;
    json::ReadError error;
    if (!request.parse(how.exchange[i - 1].requestJson, error)) continue;
    if (request["method"].stringOr("") != "GET") return i - 1;
  }
  return 0;
}

}  // namespace

Probe probe(const Plugin& plugin, ug_instance* instance, const Case& how, std::size_t answersBefore,
            const HttpEvent& event) {
  Probe result;
  const std::size_t decisive = decisiveRequest(how);
  RawCall call(plugin, instance, {});
  Step step = call.begin(how);
  std::size_t answers = 0;
  while (const auto* http = std::get_if<HttpStep>(&step)) {
    result.changing = result.changing || (http->method != "GET" && answers >= decisive);
    const bool before = answers < answersBefore && answers < how.exchange.size();
    const HttpEvent& back = before ? how.exchange[answers].event : event;
    ++answers;
    result.answersText += back.body + "\n";
    step = call.resume(back);
  }
  call.end();
  result.end = std::move(step);
  return result;
}

void testStatusMatrix(Subject& subject, Report& report) {
  for (const Case* how : subject.deepCases(1)) {
    const Target target(subject, *how);
    if (!target.ready(report)) return;
    for (std::size_t place = 0; place < target.places(); ++place) {
      for (std::uint32_t status = 100; status <= 599; ++status) {
        for (const Body& body : kBodies) {
          const Probe got = target.answer(place, response(status, body.text, body.type));
          report.tried();
          const std::string fault = findStatusFault(target, got, status, body);
          if (fault.empty()) continue;
          report.fail(nameOf(*how) + ": status " + std::to_string(status) + " with " + body.name +
                      " " + fault);
        }
      }
    }
  }
}

void testLostAnswers(Subject& subject, Report& report) {
  for (const Case* how : subject.deepCases()) {
    const Target target(subject, *how);
    if (!target.ready(report)) return;
    for (std::size_t place = 0; place < target.places(); ++place) {
      for (const auto kind : {HttpEvent::Kind::notSent, HttpEvent::Kind::noAnswer}) {
        const bool sent = kind == HttpEvent::Kind::noAnswer;
        const std::string what =
            sent ? "a request without an answer " : "a request that was not sent ";
        const Probe got = target.answer(place, {kind, 0, {}, {}, kAnsweredUnixMs});
        report.tried();
        if (const auto* fault = std::get_if<FaultStep>(&got.end)) {
          report.fail(nameOf(*how) + ": " + what + "breaks its contract: " + fault->reason);
        } else if (std::holds_alternative<DoneStep>(got.end)) {
          report.fail(nameOf(*how) + ": " + what + "is taken for success");
        } else if (outcomeOf(got) == Outcome::declined) {
          report.fail(nameOf(*how) + ": " + what + "is taken for a decline");
        } else if (sent && got.changing && !target.readOnly() &&
                   outcomeOf(got) != Outcome::unknown) {
          report.fail(nameOf(*how) + ": " + what + "may have been executed, yet the outcome is " +
                      std::string(toText(outcomeOf(got))));
        }
      }
    }
  }
}

void testHostileResponses(Subject& subject, Report& report) {
  for (const Case* how : subject.deepCases()) {
    const Target target(subject, *how);
    if (!target.ready(report)) return;
    for (std::size_t place = 0; place < how->exchange.size(); ++place) {
      if (how->exchange[place].event.kind != HttpEvent::Kind::response) continue;
      tryDamaged(subject, target, place, report);
      trySpoilt(subject, target, place, report);
    }
    if (how->exchange.empty()) {
      tryUnreadable(target, 0, response(200, "\xff\xfe\x00garbage", "application/json"),
                    "a body that is no JSON", report);
    }
  }
}

}  // namespace unigate::plugin_host::check
