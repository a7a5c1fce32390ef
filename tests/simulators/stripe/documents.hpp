// What the operations on objects that are kept as documents share: making, finding, listing,
// searching, expanding them.
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

#include "stripe/call.hpp"
#include "stripe/listing.hpp"
#include "stripe/templates.hpp"

namespace simulators::stripe {

// A blank of the kind with id, created, livemode and, if the request has it, metadata. It is not
// stored yet.
Json newDocument(Call& call, const std::string& kind, std::string_view prefix,
                 std::size_t length = 24);
Json& store(Call& call, std::string_view kind, Json document);

// The object that the path names, or ApiError 404.
Json& pathDocument(Call& call, std::string_view kind, std::string_view param = "id");
// The object that a parameter names, or ApiError 400.
Json& namedDocument(Call& call, std::string_view kind, const std::string& id,
                    std::string_view param);

// As it is shown, with what expand[] asks for.
Answer documentAnswer(Call& call, const Json& document);
Json expandedDocument(Call& call, const Json& document, const Expansion& expansion);

using Keep = std::function<bool(const Json&)>;
Answer listDocuments(Call& call, std::string_view kind, const Keep& keep = {});
// The fields that a search may name, besides metadata.
Answer searchDocuments(Call& call, std::string_view kind,
                       std::initializer_list<const char*> fields);

// Sets members from the parameters of the same name; "" sets null.
void setTexts(Json& document, const Call& call, std::initializer_list<const char*> names);
void setIntegers(Json& document, const Call& call, std::initializer_list<const char*> names);
void setFlags(Json& document, const Call& call, std::initializer_list<const char*> names);
void setMetadata(Json& document, const Call& call, std::string_view name = "metadata");

// A hash of parameters as JSON; all its values are text.
Json hashOf(const Call& call, std::string_view name);
// All parameters of the request in that form.
Json jsonOfParameters(const Call& call);
Json emptyList(const std::string& url);
std::string currencyOf(const Call& call, std::string_view name = "currency");
std::int64_t integerIn(const Json& hash, const char* name, std::int64_t otherwise = 0);

ApiError invalidState(std::string message, std::string code = {});

}  // namespace simulators::stripe
