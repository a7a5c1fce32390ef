#include "webhooks/recipe.hpp"

#include <algorithm>
#include <utility>

#include "plugin_host/step_reader.hpp"
#include "webhooks/struct_reader.hpp"

namespace unigate::webhooks {

namespace {

RecipeKind kindOf(std::uint32_t kind) {
  switch (kind) {
    case UG_VERIFY_HMAC:
      return RecipeKind::hmac;
    case UG_VERIFY_CERTIFICATE:
      return RecipeKind::certificate;
    case UG_VERIFY_HTTP_CALL:
      return RecipeKind::httpCall;
    default:
      return RecipeKind::reject;
  }
}

Digest digestOf(std::uint32_t digest) {
  switch (digest) {
    case UG_DIGEST_SHA1:
      return Digest::sha1;
    case UG_DIGEST_SHA256:
      return Digest::sha256;
    case UG_DIGEST_SHA512:
      return Digest::sha512;
    default:
      return Digest::unknown;
  }
}

Encoding encodingOf(std::uint32_t encoding) {
  if (encoding == UG_ENCODING_HEX) return Encoding::hex;
  return encoding == UG_ENCODING_BASE64 ? Encoding::base64 : Encoding::unknown;
}

void copyTexts(const ug_recipe& theirs, Recipe& recipe) {
  checkArray(theirs.messages, theirs.messages_count, kMessagesMax, "messages");
  for (std::uint32_t i = 0; i < theirs.messages_count; ++i) {
    const ug_bytes& message = theirs.messages[i];
    recipe.messages.push_back(copyBytes(message.ptr, message.len, kMessageBytesMax, "message"));
  }
  checkArray(theirs.expected, theirs.expected_count, kExpectedMax, "expected values");
  for (std::uint32_t i = 0; i < theirs.expected_count; ++i) {
    const ug_str& expected = theirs.expected[i];
    recipe.expected.push_back(copyBytes(expected.ptr, expected.len, kLineBytesMax, "expected"));
  }
  checkArray(theirs.digest_checks, theirs.digest_checks_count, kDigestChecksMax, "digest checks");
  for (std::uint32_t i = 0; i < theirs.digest_checks_count; ++i) {
    const ug_digest_check check =
        elementAt(theirs.digest_checks, theirs.digest_checks_stride, i, "digest_checks");
    recipe.digestChecks.push_back(
        {digestOf(check.digest), encodingOf(check.encoding),
         copyBytes(check.message.ptr, check.message.len, kMessageBytesMax, "digest message"),
         copyBytes(check.expected.ptr, check.expected.len, kLineBytesMax, "digest expected")});
  }
}

plugin_host::HttpStep copyHttp(const ug_recipe& theirs, const plugin_host::Manifest& manifest,
                               const plugin_host::StepLimits& limits) {
  if (theirs.http == nullptr) throw BrokenPromise("http is null");
  ug_step step{};
  step.struct_size = sizeof(step);
  step.kind = UG_STEP_HTTP;
  step.http = theirs.http;
  plugin_host::Step read = plugin_host::readStep(step, manifest, limits);
  if (auto* http = std::get_if<plugin_host::HttpStep>(&read)) return std::move(*http);
  const auto* fault = std::get_if<plugin_host::FaultStep>(&read);
  throw BrokenPromise("http: " + (fault != nullptr ? fault->reason : std::string("no request")));
}

}  // namespace

tl::expected<Recipe, std::string> readRecipe(const ug_recipe& theirs,
                                             const plugin_host::Manifest& manifest,
                                             const plugin_host::StepLimits& limits) {
  try {
    Recipe recipe;
    recipe.kind = kindOf(theirs.kind);
    recipe.reason = base::printable(
        copyBytes(theirs.reason.ptr, theirs.reason.len, kLineBytesMax, "reason"), 256);
    if (recipe.kind == RecipeKind::reject) {
      if (theirs.kind != UG_VERIFY_REJECT)
        recipe.reason = "the plugin asks for a check that this gateway does not know";
      return recipe;
    }
    recipe.digest = digestOf(theirs.digest);
    recipe.encoding = encodingOf(theirs.encoding);
    recipe.secret = copyText(theirs.secret, kShortBytesMax, "secret");
    recipe.timestampUnixS = theirs.timestamp_unix_s;
    recipe.toleranceS = theirs.tolerance_s;
    copyTexts(theirs, recipe);
    recipe.certificateUrl = copyText(theirs.certificate_url, kLineBytesMax, "certificate_url");
    recipe.certificateHostSuffix =
        copyText(theirs.certificate_host_suffix, kShortBytesMax, "certificate_host_suffix");
    recipe.certificateName = copyText(theirs.certificate_name, kShortBytesMax, "certificate_name");
    if (recipe.kind == RecipeKind::httpCall) recipe.http = copyHttp(theirs, manifest, limits);
    return recipe;
  } catch (const BrokenPromise& broken) {
    return tl::unexpected(std::string("recipe: ") + broken.what());
  }
}

}  // namespace unigate::webhooks
