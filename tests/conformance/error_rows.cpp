// Prints the error table of one adapter as JSON lines: for docs/error-tables.
#include <cstdio>
#include <unigate/sdk.hpp>

#include "errors.hpp"

namespace {

namespace sdk = unigate::sdk;

std::string_view wordOf(sdk::Outcome outcome) {
  switch (outcome) {
    case sdk::Outcome::Declined:
      return "declined";
    case sdk::Outcome::NotExecuted:
      return "not_executed";
    case sdk::Outcome::Unknown:
      break;
  }
  return "unknown";
}

std::string_view wordOf(sdk::Retry retry) {
  switch (retry) {
    case sdk::Retry::SameKey:
      return "same key";
    case sdk::Retry::NewRequest:
      return "new request";
    case sdk::Retry::Never:
      break;
  }
  return "never";
}

}  // namespace

int main() {
  for (const auto& row : UNIGATE_ADAPTER::errorRows()) {
    unigate::json::Writer out;
    out.beginObject()
        .member("code", row.providerCode)
        .member("category", sdk::categoryName(row.category))
        .member("outcome", wordOf(row.outcome))
        .member("retry", wordOf(row.retry))
        .member("note", row.note)
        .endObject();
    std::printf("%s\n", out.take().c_str());
  }
  return 0;
}
