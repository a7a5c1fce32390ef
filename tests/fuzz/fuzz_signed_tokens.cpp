// The reader of signed tokens and of key sets must not crash on anything, and no text may pass for
// signed by a key whose owner never signed it.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "identity/jws.hpp"

namespace {

using unigate::identity::JwsAlgorithm;
using unigate::identity::JwsKey;

void require(bool holds, const char* promise, std::string_view text) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n%.*s\n", promise, static_cast<int>(text.size()),
               text.data());
  std::abort();
}

// The examples of RFC 7515, appendices A.3 (P-256) and RFC 8037, A.2 (Ed25519), under one set.
constexpr std::string_view kPublicKeys = R"({"keys":[{"kty":"EC","crv":"P-256","kid":"e",)"
                                         R"("x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
                                         R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},)"
                                         R"({"kty":"OKP","crv":"Ed25519","kid":"o",)"
                                         R"("x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})";

// The one text each that those keys' owners, and the owner of the secret, have ever signed.
constexpr std::string_view kSigned[] = {
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvb"
    "S9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKT"
    "UJqPP3-Kg6NU1Q",
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3"
    "AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
};

const std::vector<JwsKey>& keys() {
  static const std::vector<JwsKey> made = [] {
    auto set = unigate::identity::parseJwkSet(kPublicKeys);
    require(set && set->size() == 2, "the keys of the examples are read", kPublicKeys);
    auto secret = JwsKey::fromSecret("s", JwsAlgorithm::hs256,
                                     unigate::vault::SecretString(std::string(32, 'k')));
    require(secret.has_value(), "a secret of 32 bytes is a key", "");
    set->push_back(*secret);
    for (std::size_t i = 0; i < std::size(kSigned); ++i)
      require((*set)[i].verifies(*unigate::identity::parseCompactJws(kSigned[i])),
              "the examples are right", kSigned[i]);
    return *set;
  }();
  return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace unigate;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto token = identity::parseCompactJws(text)) {
    require(text.size() <= identity::kTokenBytesMax, "a token is bounded", text);
    require(text.starts_with(token->signedText) &&
                text.substr(token->signedText.size()).starts_with('.'),
            "what is signed is the text before the last dot", text);
    for (const auto& key : keys()) {
      if (!key.verifies(*token)) continue;
      bool known = false;
      for (const auto signedText : kSigned)
        known = known || signedText.starts_with(std::string(token->signedText) + '.');
      require(known, "nobody else's signature is right", text);
      require(key.takes(token->algorithm), "a key checks only its own algorithms", text);
    }
  }
  if (const auto set = identity::parseJwkSet(text)) {
    for (const auto& key : *set)
      for (const auto symmetric : {JwsAlgorithm::hs256, JwsAlgorithm::hs384, JwsAlgorithm::hs512})
        require(!key.takes(symmetric), "a published key is no shared secret", text);
  }
  return 0;
}
