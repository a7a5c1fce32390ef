// The pieces that documents are put together from. Private to gateway: documents.cpp and
// kind_documents.cpp.
#pragma once

#include <string>
#include <string_view>
#include <unigate/json.hpp>

#include "gateway/documents.hpp"
#include "gateway/kinds.hpp"

namespace unigate::gateway::parts {

// A document being read back; empty when the text is none, which the store rules out.
struct ReadBack {
  json::Document document;
  explicit ReadBack(std::string_view text) {
    json::ReadError error;
    if (!text.empty()) document.parse(text, error);
  }
  json::View operator[](std::string_view key) const { return document[key]; }
};

// The first of the views that holds something.
json::View either(json::View first, json::View second);
void orNull(json::Writer& out, std::string_view name, json::View value);
// The row as it was, or a new one, with what every row has.
store::ResourceRecord rowFor(std::string_view kind, const DocumentContext& context);
// Opens the object: kind and ids.
void head(json::Writer& out, std::string_view kind, const store::ResourceRecord& row,
          const DocumentContext& context, bool withTransaction);
// What an adapter calls a failure, as the API shows it.
void failureMember(json::Writer& out, json::View failure);
// What the client gave and what was there before; sets the row's column too.
void metadataMember(json::Writer& out, store::ResourceRecord& row, json::View client,
                    json::View before);
// The times, and the end of the object.
void times(json::Writer& out, const store::ResourceRecord& row);
// A resource whose document follows its kind's table.
store::ResourceRecord makeByKind(const Kind& kind, json::View output,
                                 const DocumentContext& context);

}  // namespace unigate::gateway::parts
