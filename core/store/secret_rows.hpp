// Writing of sealed secrets and settings of accounts; shared by the management path (store.cpp) and
// by transitions (write_connection.cpp). Included only by the store.
#pragma once

#include <soci/soci.h>

#include "store/records.hpp"

namespace unigate::store {

// By (account, field).
void insertOrReplaceSecret(soci::session& session, const SecretRecord& secret);

// The settings and secrets of an account that exists.
void changeCredentials(soci::session& session, const std::string& orgId,
                       const CredentialChange& change, std::int64_t nowMs);

}  // namespace unigate::store
