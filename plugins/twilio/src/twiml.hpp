// The document that makes a call speak. Used by calls.create for `say`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace twilio {

// `<Response><Say voice=".." language="..">text</Say></Response>`, everything escaped. Characters
// that XML cannot hold at all are left out.
std::string sayDocument(std::string_view text, const std::optional<std::string>& voice,
                        const std::optional<std::string>& language);

}  // namespace twilio
