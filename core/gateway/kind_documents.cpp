// Documents that follow the table of their kind (kinds.cpp).
#include "base/ids.hpp"
#include "gateway/document_parts.hpp"

namespace unigate::gateway::parts {

namespace {

struct Sources {
  json::View output;
  json::View client;
  const ReadBack& old;
  const DocumentContext& context;
  // False while the provider has not answered: what it said before still holds then.
  bool answered;
};

void timeMember(json::Writer& out, const Member& member, const Sources& from) {
  if (const auto seconds = from.output[member.output].int64()) {
    out.member(member.name, base::toRfc3339(*seconds * 1000));
    return;
  }
  orNull(out, member.name, either(from.client[member.name], from.old[member.name]));
}

std::string providerMember(std::string_view name) {
  const std::size_t idEnd = name.size() > 3 && name.substr(name.size() - 3) == "_id" ? 3 : 0;
  return std::string(name.substr(0, name.size() - idEnd)) + "_provider_id";
}

void referenceMember(json::Writer& out, const Member& member, const Sources& from) {
  const std::string beside = providerMember(member.name);
  const json::View said = from.output[member.output];
  const json::View known = from.old[beside];
  const json::View at = either(said, known);
  json::View ours = either(from.client[member.name], from.old[member.name]);
  // The provider names another one than before: the id that we knew no longer fits.
  const bool moved = said.isString() && known.isString() && *said.string() != *known.string() &&
                     !from.client[member.name].isString();
  if (moved) ours = {};
  out.key(member.name);
  std::string found;
  if (ours.isString()) {
    out.value(*ours.string());
  } else if (at.isString() && from.context.ourId) {
    found = from.context.ourId(member.kind, *at.string());
    found.empty() ? void(out.null()) : void(out.value(found));
  } else {
    out.null();
  }
  orNull(out, beside, at);
}

void documentMember(json::Writer& out, const Member& member, const Sources& from) {
  const std::string_view name = member.output.empty() ? member.name : member.output;
  switch (member.is) {
    case Member::Is::value:
      return orNull(
          out, member.name,
          either(from.output[name], either(from.client[member.name], from.old[member.name])));
    case Member::Is::given: {
      const json::View known = either(from.client[member.name], from.old[member.name]);
      // Where the client gives no reference, adapters leave the id of our operation there.
      const bool isOurs = base::isId("txn_", from.output[name].stringOr(""));
      return orNull(out, member.name, isOurs ? known : either(known, from.output[name]));
    }
    case Member::Is::momentary:
      return orNull(out, member.name, from.answered ? from.output[name] : from.old[member.name]);
    case Member::Is::time:
      return timeMember(out, member, from);
    case Member::Is::reference:
      return referenceMember(out, member, from);
    case Member::Is::failure:
      return failureMember(out, from.output[name]);
  }
}

// Kinds without a status of the provider's have one of ours.
std::string statusOf(const Sources& from) {
  if (const auto status = from.output["status"].string()) return std::string(*status);
  if (from.output["detached"].booleanOr(false)) return "detached";
  if (from.output["deleted"].booleanOr(false)) return "deleted";
  if (const auto active = from.output["active"].boolean()) return *active ? "active" : "inactive";
  if (const auto on = from.output["enabled"].boolean()) return *on ? "enabled" : "disabled";
  const std::string before = std::string(from.old["status"].stringOr(""));
  return before.empty() || before == "processing" ? "active" : before;
}

}  // namespace

store::ResourceRecord makeByKind(const Kind& kind, json::View output,
                                 const DocumentContext& context) {
  store::ResourceRecord row = rowFor(kind.name, context);
  const ReadBack old(row.document);
  const bool answered = output["provider_id"].isString();
  const Sources from{output, context.client, old, context, answered};
  row.providerId = either(output["provider_id"], old["provider_id"]).stringOr("");
  row.status = statusOf(from);
  row.amount = either(output["amount"], old["amount"]).int64Or(row.amount);
  row.currency = either(output["currency"], old["currency"]).stringOr(row.currency);
  // What the provider made before we heard of it is as old as the provider says.
  const std::int64_t madeS = output["created_unix_s"].int64Or(0);
  if (context.before == nullptr && context.transactionId.empty() && madeS > 0) {
    row.createdAt = madeS * 1000;
  }

  json::Writer out;
  head(out, kind.name, row, context, !context.transactionId.empty());
  out.member("livemode", context.tenant.live()).member("status", row.status);
  for (const Member& member : kind.members) documentMember(out, member, from);
  // What the provider keeps counts only where nobody told us anything.
  const bool told = context.client["metadata"].isObject() || old["metadata"].isObject();
  metadataMember(out, row, context.client, told ? old["metadata"] : output["metadata"]);
  times(out, row);
  row.document = out.take();
  const ReadBack made(row.document);
  if (const auto customer = made["customer"].string()) row.customer = *customer;
  if (const auto reference = made["reference"].string()) row.reference = *reference;
  // What a row belongs to, for lists: the payment of a dispute, the plan of a subscription, ...
  for (const char* parent : {"payment", "subscription", "plan_id", "product"}) {
    if (const auto id = made[parent].string()) {
      row.parentId = *id;
      break;
    }
  }
  return row;
}

}  // namespace unigate::gateway::parts
