// An operation as the API shows it. For its routes and for `unigate operation`.
#pragma once

#include <string>
#include <vector>

#include "store/records.hpp"

namespace unigate::rest {

// A Transaction of the contract; `changes` null: as in a list, without attempts and transitions.
std::string transactionDocument(const store::OperationRecord& row,
                                const std::vector<store::TransitionRow>* changes);

}  // namespace unigate::rest
