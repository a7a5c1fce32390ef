#include "next_action.hpp"

#include <initializer_list>
#include <utility>

namespace stripe {

namespace {

std::optional<std::string> firstText(json::View object,
                                     std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (auto text = textOf(object[name])) return text;
  }
  return std::nullopt;
}

}  // namespace

// Stripe puts the details of a next action under the name of its type. Types that carry a page or a
// code are shown, redirects are followed, all others need Stripe's own SDK.
sdk::NextAction nextActionOf(json::View action) {
  sdk::NextAction result;
  const std::string_view type = action["type"].stringOr("");
  const json::View details = action[type];
  result.providerType = std::string(type);
  if (type == "redirect_to_url" || type == "alipay_handle_redirect") {
    result.url = textOf(details["url"]);
    if (result.url) result.type = sdk::NextAction::Type::Redirect;
    return result;
  }
  result.url = firstText(
      details, {"hosted_instructions_url", "hosted_voucher_url", "hosted_verification_url"});
  result.code = firstText(details, {"data", "number", "reference"});
  if (!result.url) result.url = firstText(details, {"image_url_svg", "image_url_png"});
  if (result.url || result.code) result.type = sdk::NextAction::Type::DisplayCode;
  for (const std::string_view name : {"expires_at", "expires_after"}) {
    if (const auto seconds = details[name].int64(); seconds && *seconds >= 0) {
      result.expiresUnixS = *seconds;
    }
  }
  return result;
}

}  // namespace stripe
