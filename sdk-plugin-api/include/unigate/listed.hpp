// Tells in a list what stands at the provider where the adapter keeps our operation_id, so that the
// gateway can compare its books with the provider's. For payments.list, refunds.list and
// payouts.list; an adapter includes it beside sdk.hpp.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <unigate/operation.hpp>
#include <utility>
#include <vector>

namespace unigate::sdk {

// The mark of one item, by the id that the item has as provider_id.
struct Mark {
  std::string providerId;
  std::string operationId;
};

namespace detail {

// The page with operation_id in the items that have a mark; as it is if it is no page.
inline std::string withMarks(const std::string& pageJson, const std::vector<Mark>& marks) {
  json::Document page;
  json::ReadError error;
  if (marks.empty() || !page.parse(pageJson, error)) return pageJson;
  json::Writer out;
  out.beginObject();
  for (const json::Member& member : page.root().members()) {
    out.key(member.name);
    if (member.name != "data") {
      out.value(member.value);
      continue;
    }
    out.beginArray();
    for (const json::View item : member.value.items()) {
      const auto mark = std::find_if(marks.begin(), marks.end(), [&](const Mark& each) {
        return each.providerId == item["provider_id"].stringOr("");
      });
      out.beginObject();
      for (const json::Member& field : item.members()) out.member(field.name, field.value);
      if (mark != marks.end()) out.member("operation_id", mark->operationId);
      out.endObject();
    }
    out.endArray();
  }
  out.endObject();
  return out.take();
}

template <auto Make, auto Marks>
class Listed final : public Machine {
 public:
  Step begin(json::View input, const Call& call) override { return list_->begin(input, call); }
  Step resume(const HttpResponse& response, const Call& call) override {
    Step step = list_->resume(response, call);
    json::Document answer;
    if (Done* done = step.done(); done != nullptr && response.json(answer)) {
      done->resultJson = withMarks(done->resultJson, Marks(answer.root()));
    }
    return step;
  }

 private:
  std::unique_ptr<Machine> list_ = Make();
};

}  // namespace detail

// A list operation that tells of marks.
//   make:  makes the list's machine: oneRequest<...> or severalRequests<...>
//   marks: (json::View) -> std::vector<Mark>, of the provider's answer that ends the operation
template <auto Make, auto Marks>
std::unique_ptr<Machine> listed() {
  return std::make_unique<detail::Listed<Make, Marks>>();
}

}  // namespace unigate::sdk
