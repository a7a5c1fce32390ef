#include "gateway/document_parts.hpp"

namespace unigate::gateway::parts {

namespace {

// What a change leaves of metadata: new values over old ones, empty text removes a key.
std::string mergedMetadata(json::View before, json::View change) {
  json::Writer out;
  out.beginObject();
  for (const json::Member& member : before.members()) {
    if (!change[member.name].exists()) out.member(member.name, member.value);
  }
  for (const json::Member& member : change.members()) {
    if (member.value.stringOr("") != "") out.member(member.name, member.value);
  }
  out.endObject();
  return out.take();
}

}  // namespace

json::View either(json::View first, json::View second) {
  return first.isNothing() ? second : first;
}

void orNull(json::Writer& out, std::string_view name, json::View value) {
  out.key(name);
  if (value.isNothing()) {
    out.null();
  } else {
    out.value(value);
  }
}

store::ResourceRecord rowFor(std::string_view kind, const DocumentContext& context) {
  store::ResourceRecord row;
  if (context.before != nullptr) row = *context.before;
  row.id = context.resourceId;
  row.orgId = context.tenant.orgId;
  row.environment = context.tenant.environment;
  row.kind = std::string(kind);
  row.provider = context.provider;
  row.accountId = context.accountId;
  if (row.createdAt == 0) row.createdAt = context.nowMs;
  row.updatedAt = context.nowMs;
  return row;
}

void head(json::Writer& out, std::string_view kind, const store::ResourceRecord& row,
          const DocumentContext& context, bool withTransaction) {
  out.beginObject().member("object", kind).key("id");
  if (row.id.empty()) {
    out.null();  // the provider's, not ours
  } else {
    out.value(row.id);
  }
  // Absent where no operation of ours made or changed it.
  if (withTransaction && !context.transactionId.empty())
    out.member("transaction_id", context.transactionId);
  out.member("provider", row.provider).key("provider_id");
  if (row.providerId.empty()) {
    out.null();
  } else {
    out.value(row.providerId);
  }
}

void failureMember(json::Writer& out, json::View failure) {
  out.key("failure");
  if (!failure.isObject()) {
    out.null();
    return;
  }
  out.beginObject().member("category", failure["category"].stringOr("provider_error"));
  orNull(out, "provider_code", failure["provider_code"]);
  orNull(out, "message", failure["provider_message"]);
  out.endObject();
}

void times(json::Writer& out, const store::ResourceRecord& row) {
  out.member("created_at", base::toRfc3339(row.createdAt))
      .member("updated_at", base::toRfc3339(row.updatedAt))
      .endObject();
}

void metadataMember(json::Writer& out, store::ResourceRecord& row, json::View client,
                    json::View before) {
  const json::View given = client["metadata"];
  if (given.isObject() && before.isObject()) {
    row.metadata = mergedMetadata(before, given);
  } else {
    const json::View metadata = either(given, before);
    row.metadata = metadata.isObject() ? json::toText(metadata) : "{}";
  }
  out.key("metadata").rawJson(row.metadata);
}

}  // namespace unigate::gateway::parts
