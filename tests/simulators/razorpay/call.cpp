#include "razorpay/call.hpp"

#include <algorithm>

#include "common/json_fields.hpp"

namespace simulators::razorpay {
namespace {

constexpr std::int64_t kCountDefault = 10;
constexpr std::int64_t kCountMax = 100;
constexpr std::int64_t kTimeMin = 946684800;
constexpr std::int64_t kTimeMax = 4765046400;
constexpr std::size_t kIdLength = 14;
constexpr std::size_t kNotesMax = 15;
constexpr std::size_t kNoteLengthMax = 256;

// "payment_id" as Razorpay speaks of it: "payment id".
std::string spoken(std::string_view path) {
  std::string text(path);
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

bool isIdText(std::string_view id) {
  const auto mark = id.rfind('_');
  const auto own = mark == std::string_view::npos ? id : id.substr(mark + 1);
  return own.size() == kIdLength && std::all_of(own.begin(), own.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
         });
}

void checkNotes(const Json& params) {
  const auto notes = params.find("notes");
  if (notes == params.end() || !notes->is_object()) return;
  if (notes->size() > kNotesMax)
    refuse("Number of fields in notes should be less than or equal to 15", "notes");
  for (const auto& [key, value] : notes->items()) {
    if (value.is_structured()) refuse("notes[" + key + "] should not be an array", "notes");
    if (value.is_string() && value.get_ref<const std::string&>().size() > kNoteLengthMax) {
      refuse("The notes." + key + " may not be greater than 256 characters.", "notes");
    }
  }
}

[[noreturn]] void refuseField(const FieldFaults::Fault& fault) {
  using Kind = FieldFaults::Kind;
  const auto name = spoken(fault.path);
  switch (fault.kind) {
    case Kind::kMissing:
      refuse("The " + name + " field is required.", fault.path);
    case Kind::kInteger:
      refuse("The " + name + " must be an integer.", fault.path);
    case Kind::kNumber:
      refuse("The " + name + " must be a number.", fault.path);
    case Kind::kBoolean:
      refuse("The " + name + " field must be true or false.", fault.path);
    case Kind::kObject:
    case Kind::kList:
      refuse("The " + name + " must be an array.", fault.path);
    case Kind::kText:
      refuse("The " + name + " must be a string.", fault.path);
    case Kind::kWord:
      break;
  }
  refuse("The selected " + name + " is invalid.", fault.path);
}

}  // namespace

ApiAnswer errorAnswer(unsigned status, std::string_view code, std::string_view description,
                      std::string_view field, std::string_view reason, std::string_view source,
                      std::string_view step) {
  Json error = {{"code", code}, {"description", description}, {"source", source},
                {"step", step}, {"reason", reason},           {"metadata", Json::object()}};
  if (!field.empty()) error["field"] = field;
  ApiAnswer answer;
  answer.status = status;
  answer.body = Json{{"error", std::move(error)}}.dump();
  return answer;
}

void refuse(std::string_view description, std::string_view field) {
  throw ApiProblem(errorAnswer(400, "BAD_REQUEST_ERROR", description, field));
}

void checkParams(const std::vector<Field>& fields, Json& params) {
  const auto found = checkJson(fields, params);
  if (!found.unknown.empty()) {
    std::string names;
    for (const auto& name : found.unknown) names += (names.empty() ? "" : ", ") + name;
    refuse(names + " is/are not required and should not be sent");
  }
  if (!found.faults.empty()) refuseField(found.faults.front());
  checkNotes(params);
}

Json& object(Call& call, std::string_view kind, const std::string& id) {
  if (!isIdText(id)) refuse(id + " is not a valid id");
  auto* found = call.book[kind].find(id);
  if (!found) refuse("The id provided does not exist");
  return *found;
}

Json notesOf(const Json& params) {
  const auto notes = params.find("notes");
  if (notes == params.end() || !notes->is_object() || notes->empty()) return Json::array();
  return *notes;
}

void checkAmount(std::int64_t amount, const std::string& currency, std::string_view field) {
  const std::int64_t least = currency == "INR" ? 100 : 1;
  if (amount < least) {
    refuse("The amount must be at least " + currency + (currency == "INR" ? " 1.00" : " 0.01"),
           field);
  }
  const bool threeDecimals = currency == "KWD" || currency == "BHD" || currency == "OMR";
  if (threeDecimals && amount % 10 != 0) {
    refuse("The amount must be a multiple of 10 for " + currency, field);
  }
}

std::string currencyOf(const Call& call) {
  const auto currency = call.has("currency") ? call.text("currency") : std::string("INR");
  const bool wellFormed =
      currency.size() == 3 &&
      std::all_of(currency.begin(), currency.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!wellFormed) refuse("The selected currency is invalid.", "currency");
  return currency;
}

Json pageOf(Call& call, const std::vector<const Json*>& newestFirst) {
  const auto count = call.integer("count", kCountDefault);
  const auto skip = call.integer("skip", 0);
  const auto from = call.integer("from", 0);
  const auto to = call.integer("to", kTimeMax);
  if (count < 1) refuse("The count must be at least 1.", "count");
  if (count > kCountMax) refuse("The count may not be greater than 100.", "count");
  if (skip < 0) refuse("The skip must be at least 0.", "skip");
  for (const auto* name : {"from", "to"}) {
    const auto time = call.integer(name, kTimeMin);
    if (time < kTimeMin || time > kTimeMax) {
      refuse(std::string(name) + " must be between 946684800 and 4765046400", name);
    }
  }
  Json items = Json::array();
  std::int64_t passed = 0;
  for (const auto* entry : newestFirst) {
    const auto created = integerOf(*entry, "created_at");
    if (created < from || created > to) continue;
    if (passed++ < skip) continue;
    if (static_cast<std::int64_t>(items.size()) == count) break;
    items.push_back(shown(*entry));
  }
  const auto size = items.size();
  return {{"entity", "collection"}, {"count", size}, {"items", std::move(items)}};
}

Json collection(Call& call, std::string_view kind, const Keep& keep) {
  std::vector<const Json*> kept;
  auto& all = call.book[kind].all();
  for (auto entry = all.rbegin(); entry != all.rend(); ++entry) {
    if (!entry->contains("_deleted") && (!keep || keep(*entry))) kept.push_back(&*entry);
  }
  return pageOf(call, kept);
}

std::int64_t feeOf(std::int64_t amount) {
  const auto base = amount * 2 / 100;
  return base + taxOf(base * 118 / 100);
}

std::int64_t taxOf(std::int64_t fee) {
  return fee * 18 / 118;
}

}  // namespace simulators::razorpay
