// How a plugin says that a webhook is to be verified, as the host's own copy: nothing in it points
// into the plugin. Read by InboundWebhook, judged by verify.hpp and certificate.hpp.
#pragma once

#include <unigate/plugin.h>

#include <cstdint>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "plugin_host/manifest.hpp"
#include "plugin_host/step.hpp"
#include "plugin_host/step_limits.hpp"

namespace unigate::webhooks {

enum class RecipeKind { reject, hmac, certificate, httpCall };
enum class Digest { unknown, sha1, sha256, sha512 };
enum class Encoding { unknown, hex, base64 };

// A plain digest that must hold besides the signature.
struct DigestCheck {
  Digest digest = Digest::unknown;
  Encoding encoding = Encoding::unknown;
  std::string message;
  std::string expected;
};

struct Recipe {
  RecipeKind kind = RecipeKind::reject;
  Digest digest = Digest::unknown;
  Encoding encoding = Encoding::unknown;
  std::string secret;                 // name of a credential field
  std::vector<std::string> messages;  // a signature over any one is good
  std::vector<std::string> expected;  // any one may match
  std::int64_t timestampUnixS = 0;    // signed time; 0: none
  std::uint32_t toleranceS = 0;       // 0: no time check
  std::vector<DigestCheck> digestChecks;
  std::string certificateUrl;
  std::string certificateHostSuffix;
  std::string certificateName;
  std::optional<plugin_host::HttpStep> http;
  std::string reason;  // of a rejection, for the operator
};

// Copies what a plugin filled in, checking sizes, counts and texts on the way. The error names the
// broken promise. A kind that this host does not know is a rejection. Any thread; before `release`.
tl::expected<Recipe, std::string> readRecipe(const ug_recipe& theirs,
                                             const plugin_host::Manifest& manifest,
                                             const plugin_host::StepLimits& limits);

}  // namespace unigate::webhooks
