// A statement that is prepared once and run many times, with its parameters and columns bound to
// variables that stay where they are. Included only by the store.
#pragma once

#include <soci/soci.h>

#include <cstdint>
#include <string>

namespace unigate::store {

class Statement {
 public:
  Statement(soci::session& session, std::string sql) : statement_(session), sql_(std::move(sql)) {}
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // Binds before ready(). The variable is read (in) or written (out) at each run.
  template <typename T>
  Statement& in(const std::string& name, T& variable) {
    statement_.exchange(soci::use(variable, name));
    return *this;
  }
  template <typename T>
  Statement& out(T& variable) {
    statement_.exchange(soci::into(variable));
    return *this;
  }
  Statement& ready() {
    statement_.alloc();
    statement_.prepare(sql_);
    statement_.define_and_bind();
    return *this;
  }

  // Runs a statement that writes; returns how many rows it touched.
  std::int64_t run() {
    execute();
    return statement_.get_affected_rows();
  }
  // Runs a query and calls `each` for every row, to the end: a query left halfway would hold its
  // snapshot of the database open.
  template <typename Each>
  void forEach(Each&& each) {
    if (!execute()) return;
    do {
      each();
    } while (statement_.fetch());
  }
  // Runs a query for at most one row; `take` is called when there is one.
  template <typename Take>
  bool one(Take&& take) {
    bool found = false;
    forEach([&] {
      if (!found) take();
      found = true;
    });
    return found;
  }

 private:
  bool execute() {
    try {
      return statement_.execute(true);
    } catch (...) {
      // The library would keep the parameters' copies of a statement that failed, each time.
      statement_.undefine_and_bind();
      statement_.define_and_bind();
      throw;
    }
  }

  soci::statement statement_;
  std::string sql_;
};

// Runs a statement without parameters once. (The library's own `session << sql` hides a type's
// information that the undefined-behaviour sanitizer asks for.)
inline void execute(soci::session& session, const std::string& sql) {
  Statement(session, sql).ready().run();
}

}  // namespace unigate::store
