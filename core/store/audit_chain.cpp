#include "store/audit_chain.hpp"

#include "base/text.hpp"

namespace unigate::store {

std::string auditHash(const AuditRow& row, const std::string& previousHash) {
  std::string text;
  text.reserve(256 + row.data.size());
  const auto add = [&text](const std::string& field) {
    text += std::to_string(field.size());
    text += ':';
    text += field;
  };
  add("unigate audit 1");
  add(previousHash);
  for (const std::int64_t number : {row.chain, row.seq, row.at, row.subjectSeq})
    add(std::to_string(number));
  for (const auto* field : {&row.orgId, &row.actor, &row.action, &row.subject, &row.data})
    add(*field);
  return base::sha256Hex(text);
}

}  // namespace unigate::store
