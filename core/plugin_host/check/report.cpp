#include "plugin_host/check/report.hpp"

#include <algorithm>
#include <unigate/json.hpp>

namespace unigate::plugin_host::check {
namespace {

constexpr std::size_t kWhysMax = 5;
constexpr std::size_t kSkipsMax = 64;
constexpr std::size_t kWhyBytesMax = 600;

std::string oneLine(std::string text) {
  if (text.size() > kWhyBytesMax) text = text.substr(0, kWhyBytesMax) + "...";
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7F) c = '?';
  }
  return text;
}

}  // namespace

void Report::fail(std::string why) {
  ++failures_;
  why = oneLine(std::move(why));
  const bool known = std::find(whys_.begin(), whys_.end(), why) != whys_.end();
  if (whys_.size() < kWhysMax && !known) whys_.push_back(std::move(why));
}

void Report::skip(std::string why) {
  why = oneLine(std::move(why));
  const bool known = std::find(skips_.begin(), skips_.end(), why) != skips_.end();
  if (skips_.size() < kSkipsMax && !known) skips_.push_back(std::move(why));
}

std::string Report::toText() const {
  json::Writer writer;
  writer.beginObject().member("failures", failures_).member("tries", tries_);
  writer.member("digest", digest_).key("whys").beginArray();
  for (const std::string& why : whys_) writer.value(why);
  writer.endArray().key("skips").beginArray();
  for (const std::string& skip : skips_) writer.value(skip);
  return writer.endArray().endObject().take();
}

Report Report::fromText(std::string_view text) {
  Report report;
  json::Document document;
  json::ReadError error;
  if (!document.parse(text, error)) {
    report.fail("the test's report can't be read: " + error.message);
    return report;
  }
  report.failures_ = static_cast<std::uint64_t>(document["failures"].int64Or(0));
  report.tries_ = static_cast<std::uint64_t>(document["tries"].int64Or(0));
  report.digest_ = document["digest"].stringOr("");
  for (const auto& why : document["whys"].items()) report.whys_.emplace_back(why.stringOr(""));
  for (const auto& skip : document["skips"].items()) report.skips_.emplace_back(skip.stringOr(""));
  return report;
}

}  // namespace unigate::plugin_host::check
