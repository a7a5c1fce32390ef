#include "stripe/documents.hpp"

#include "common/json_fields.hpp"
#include "stripe/currencies.hpp"
#include "stripe/render.hpp"
#include "stripe/search.hpp"

namespace simulators::stripe {
namespace {

template <typename Write>
Json written(Write write) {
  JsonWriter json;
  write(json);
  return Json::parse(json.text());
}

// Any object of the account by its id; null JSON if there is none.
Json anyObject(Call& call, const std::string& id) {
  auto& account = call.account;
  if (const auto payment = account.findPayment(id)) {
    return written([&](JsonWriter& json) { writePayment(json, account, *payment, nullptr); });
  }
  if (const auto charge = account.findCharge(id)) {
    return written([&](JsonWriter& json) { writeCharge(json, account, *charge, nullptr); });
  }
  if (const auto customer = account.findCustomer(id)) {
    return written([&](JsonWriter& json) { writeCustomer(json, account, *customer); });
  }
  if (const auto method = account.findMethod(id)) {
    return written([&](JsonWriter& json) { writeMethod(json, account, *method, nullptr); });
  }
  for (auto& [kind, documents] : account.documents) {
    if (const auto* found = documents.find(id)) return shown(*found);
  }
  return nullptr;
}

void expandIn(Call& call, Json& value, const Expansion& expansion) {
  if (value.is_array()) {
    for (auto& item : value) expandIn(call, item, expansion);
    return;
  }
  if (!value.is_object()) return;
  for (const auto& [name, below] : expansion.children()) {
    const auto member = value.find(name);
    if (member == value.end()) continue;
    if (member->is_string()) {
      auto object = anyObject(call, member->get<std::string>());
      if (!object.is_null()) *member = std::move(object);
    }
    expandIn(call, *member, below);
  }
}

std::string spoken(std::string_view kind) {
  std::string text(kind);
  for (auto& c : text) c = c == '_' ? ' ' : c;
  return text;
}

}  // namespace

Json newDocument(Call& call, const std::string& kind, std::string_view prefix, std::size_t length) {
  auto document = blankObject(kind);
  document["id"] = call.account.newId(prefix, length);
  document["created"] = call.now();
  if (document.contains("livemode")) document["livemode"] = call.account.livemode;
  if (document.contains("metadata")) {
    document["metadata"] = Json::object();
    setMetadata(document, call);
  }
  return document;
}

Json& store(Call& call, std::string_view kind, Json document) {
  return call.account.kind(kind).add(std::move(document));
}

Json& pathDocument(Call& call, std::string_view kind, std::string_view param) {
  auto* found = call.account.kind(kind).find(call.id);
  if (!found || found->contains("_deleted")) {
    throw resourceMissing(spoken(kind), call.id, std::string(param), true);
  }
  return *found;
}

Json& namedDocument(Call& call, std::string_view kind, const std::string& id,
                    std::string_view param) {
  auto* found = call.account.kind(kind).find(id);
  if (!found || found->contains("_deleted")) {
    throw resourceMissing(spoken(kind), id, std::string(param), false);
  }
  return *found;
}

Json expandedDocument(Call& call, const Json& document, const Expansion& expansion) {
  auto out = shown(document);
  expandIn(call, out, expansion);
  return out;
}

Answer documentAnswer(Call& call, const Json& document) {
  Answer answer;
  answer.body = expandedDocument(call, document, call.expand).dump();
  return answer;
}

Answer listDocuments(Call& call, std::string_view kind, const Keep& keep) {
  const auto limit = pageSize(call.params);
  auto& documents = call.account.kind(kind);
  const auto matches = [&](const Json& document) {
    return !document.contains("_deleted") &&
           inCreatedRange(call.params, integerOf(document, "created")) && (!keep || keep(document));
  };
  std::vector<const Json*> kept;
  std::size_t from = 0;
  std::size_t before = std::string::npos;
  const auto& all = documents.all();
  for (auto entry = all.rbegin(); entry != all.rend(); ++entry) {
    const auto id = textOf(*entry, "id");
    if (id == call.params.text("ending_before")) before = kept.size();
    if (matches(*entry)) kept.push_back(&*entry);
    if (id == call.params.text("starting_after")) from = kept.size();
  }
  for (const auto* name : {"starting_after", "ending_before"}) {
    if (call.params.has(name) && !documents.find(std::string(call.params.text(name)))) {
      throw resourceMissing(spoken(kind), call.params.text(name), name, false);
    }
  }
  auto to = std::min(kept.size(), from + limit);
  bool more = to < kept.size();
  if (before != std::string::npos) {
    to = before;
    from = before > limit ? before - limit : 0;
    more = from > 0;
  }
  Json data = Json::array();
  for (auto i = from; i < to; ++i) data.push_back(expandedDocument(call, *kept[i], call.expand));
  const Json list = {
      {"object", "list"}, {"data", std::move(data)}, {"has_more", more}, {"url", call.path}};
  Answer answer;
  answer.body = list.dump();
  return answer;
}

Answer searchDocuments(Call& call, std::string_view kind,
                       std::initializer_list<const char*> fields) {
  const auto query = parseQuery(call.params.text("query"));
  const auto limit = pageSize(call.params);
  const auto skip = readInteger(call.params.has("page") ? call.params.text("page") : "0");
  if (!skip || *skip < 0) throw invalidParameter("page", "Invalid page");
  Json data = Json::array();
  std::int64_t hits = 0;
  const auto& all = call.account.kind(kind).all();
  for (auto entry = all.rbegin(); entry != all.rend(); ++entry) {
    if (entry->contains("_deleted")) continue;
    Metadata metadata;
    for (const auto& [key, value] : entry->at("metadata").items()) {
      metadata.emplace_back(key, value.get<std::string>());
    }
    const auto valueOf = [&](std::string_view field) -> std::optional<std::string> {
      for (const auto* known : fields) {
        if (field != known) continue;
        const auto member = entry->find(known);
        if (member == entry->end() || member->is_null()) return std::string();
        return member->is_string() ? member->get<std::string>() : member->dump();
      }
      return std::nullopt;
    };
    if (!queryMatches(query, metadata, valueOf)) continue;
    if (hits++ < *skip) continue;
    if (data.size() < limit) data.push_back(expandedDocument(call, *entry, call.expand));
  }
  const auto end = *skip + static_cast<std::int64_t>(data.size());
  const Json list = {{"object", "search_result"},
                     {"data", std::move(data)},
                     {"has_more", end < hits},
                     {"next_page", end < hits ? Json(std::to_string(end)) : Json(nullptr)},
                     {"url", call.path}};
  Answer answer;
  answer.body = list.dump();
  return answer;
}

void setTexts(Json& document, const Call& call, std::initializer_list<const char*> names) {
  for (const auto* name : names) {
    if (call.params.has(name)) document[name] = textOrNull(std::string(call.params.text(name)));
  }
}

void setIntegers(Json& document, const Call& call, std::initializer_list<const char*> names) {
  for (const auto* name : names) {
    if (!call.params.has(name)) continue;
    const auto value = call.params.integer(name);
    document[name] = value ? Json(*value) : Json(nullptr);
  }
}

void setFlags(Json& document, const Call& call, std::initializer_list<const char*> names) {
  for (const auto* name : names) {
    if (call.params.has(name)) document[name] = call.params.flag(name);
  }
}

void setMetadata(Json& document, const Call& call, std::string_view name) {
  Metadata metadata;
  if (document["metadata"].is_object()) {
    for (const auto& [key, value] : document["metadata"].items()) {
      metadata.emplace_back(key, value.get<std::string>());
    }
  }
  applyMetadata(metadata, call.params.node(name));
  document["metadata"] = Json::object();
  for (const auto& [key, value] : metadata) document["metadata"][key] = value;
}

Json hashOf(const Call& call, std::string_view name) {
  const auto* node = call.params.node(name);
  return node ? jsonOfForm(*node) : Json::object();
}

Json jsonOfParameters(const Call& call) {
  return jsonOfForm(call.params.root());
}

Json emptyList(const std::string& url) {
  return {{"object", "list"}, {"data", Json::array()}, {"has_more", false}, {"url", url}};
}

std::string currencyOf(const Call& call, std::string_view name) {
  std::string code(call.params.text(name));
  for (auto& c : code) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (!isCurrency(code)) {
    throw invalidParameter(std::string(name),
                           "Invalid currency: " + code +
                               ". Stripe currently supports these currencies: " + currencyList());
  }
  return code;
}

std::int64_t integerIn(const Json& hash, const char* name, std::int64_t otherwise) {
  const auto found = hash.find(name);
  if (found == hash.end()) return otherwise;
  if (found->is_number_integer()) return found->get<std::int64_t>();
  return found->is_string() ? readInteger(found->get_ref<const std::string&>()).value_or(otherwise)
                            : otherwise;
}

ApiError invalidState(std::string message, std::string code) {
  ApiError error;
  error.message = std::move(message);
  error.code = std::move(code);
  return error;
}

}  // namespace simulators::stripe
