#include "net/upstream_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "net/upstream_test_support.hpp"

using namespace unigate;
using namespace unigate::net;
using namespace unigate::net::test;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("Brings status, headers and body of an answer") {
  TestServer server([](Connection& connection) {
    while (connection.readRequest()) {
      connection.write(
          "HTTP/1.1 402 Payment Required\r\nContent-Type: application/json\r\nX-Twice: a\r\n"
          "X-Twice:  b \r\nContent-Length: 7\r\n\r\n{\"a\":1}");
    }
  });
  ClientFixture fixture;
  const auto result = fixture.call(post(server.url("/v1/x?q=1"), "{}"));
  CHECK(result.outcome == UpstreamOutcome::response);
  CHECK(result.status == 402);
  CHECK(result.body == "{\"a\":1}");
  CHECK(*findHeader(result.headers, "content-type") == "application/json");
  CHECK(result.headers.size() == 4);
  CHECK(result.headers[2].second == "b");
  CHECK(result.error.empty());
  CHECK(result.providerUs > 0);
}

TEST_CASE("Writes exactly the request that was asked for") {
  TestServer server([&server](Connection& connection) {
    while (auto request = connection.readRequest()) {
      server.record(*request);
      connection.write(answer("ok"));
    }
  });
  ClientFixture fixture;
  const std::string host = "Host: 127.0.0.1:" + std::to_string(server.port()) + "\r\n";
  auto request = post(server.url("/a/../b/%2e%2e//c?x=1&y=%20"), "amount=1");
  request.headers = {
      {"Authorization", "Bearer t"}, {"X-Empty", ""}, {"Accept", "application/json"}};
  fixture.call(request);
  CHECK(server.requests().back() == "POST /a/../b/%2e%2e//c?x=1&y=%20 HTTP/1.1\r\n" + host +
                                        "Authorization: Bearer t\r\nX-Empty:\r\n"
                                        "Accept: application/json\r\nContent-Length: 8\r\n\r\n"
                                        "amount=1");
  fixture.call(get(server.url("/")));
  CHECK(server.requests().back() == "GET / HTTP/1.1\r\n" + host + "Accept: */*\r\n\r\n");
}

TEST_CASE("Leaves nothing of one request on the handle for the next") {
  TestServer server([&server](Connection& connection) {
    while (auto request = connection.readRequest()) {
      server.record(*request);
      const bool head = request->substr(0, 4) == "HEAD";
      connection.write(head ? "HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n" : answer("ok"));
    }
  });
  ClientFixture fixture;
  const auto lineOf = [&](UpstreamRequest request) {
    const auto result = fixture.call(std::move(request));
    CHECK(result.outcome == UpstreamOutcome::response);
    const std::string seen = server.requests().back();
    const std::string body = seen.substr(seen.find("\r\n\r\n") + 4);
    const bool sized = contains(seen, "Content-Length: " + std::to_string(body.size()));
    return seen.substr(0, seen.find(' ')) + "|" + body + (sized ? "|sized" : "");
  };
  const auto with = [&](const std::string& method, const std::string& body) {
    auto request = post(server.url("/"), body);
    request.method = method;
    return request;
  };
  CHECK(lineOf(with("POST", "one")) == "POST|one|sized");
  CHECK(lineOf(get(server.url("/"))) == "GET|");
  CHECK(lineOf(with("DELETE", "")) == "DELETE|");
  CHECK(lineOf(with("PATCH", "two")) == "PATCH|two|sized");
  CHECK(lineOf(with("HEAD", "")) == "HEAD|");
  CHECK(lineOf(with("POST", "")) == "POST||sized");
  CHECK(lineOf(with("DELETE", "three")) == "DELETE|three|sized");
  CHECK(lineOf(with("GET", "")) == "GET|");
  CHECK(lineOf(with("PUT", std::string(300'000, 'x'))) ==
        "PUT|" + std::string(300'000, 'x') + "|sized");
  CHECK(fixture.client->counters().connectionsOpened == 1);
  CHECK(server.connections() == 1);
}

TEST_CASE("Keeps connections and tells when one was used again") {
  TestServer server(answerAll);
  ClientFixture fixture;
  const auto first = fixture.call(get(server.url("/")));
  CHECK_FALSE(first.reused);
  CHECK(first.connectUs > 0);
  const auto second = fixture.call(get(server.url("/")));
  CHECK(second.reused);
  CHECK(second.connectUs == 0);
  CHECK(server.connections() == 1);
}

TEST_CASE("Sends nothing again when a kept-alive connection dies after the request was read") {
  for (const bool reset : {false, true}) {
    INFO("reset: " << reset);
    TestServer server([&server, reset](Connection& connection) {
      while (auto request = connection.readRequest()) {
        server.record(*request);
        if (contains(*request, "second")) {
          if (reset) connection.resetOnClose();
          return;
        }
        connection.write(answer("ok"));
      }
    });
    ClientFixture fixture;
    CHECK(fixture.call(post(server.url("/"), "first")).outcome == UpstreamOutcome::response);
    const auto result = fixture.call(post(server.url("/"), "second"));
    CHECK(result.outcome == UpstreamOutcome::noAnswer);
    CHECK(result.error == "the connection was closed without an answer");
    // A third request shows that nothing was left on the way.
    CHECK(fixture.call(post(server.url("/"), "third")).outcome == UpstreamOutcome::response);
    std::size_t seconds = 0;
    for (const auto& request : server.requests()) seconds += contains(request, "second") ? 1 : 0;
    CHECK(seconds == 1);
    CHECK(server.requests().size() == 3);
  }
}

TEST_CASE(
    "Doesn't call a request unsent when its reused connection died and no other is to be had") {
  std::unique_ptr<TestServer> server;
  server = std::make_unique<TestServer>([](Connection& connection) {
    connection.readRequest();
    connection.write(answer("ok"));
    connection.readRequest();  // and closes without an answer
  });
  ClientFixture fixture;
  CHECK(fixture.call(get(server->url("/"))).outcome == UpstreamOutcome::response);
  const auto opened = fixture.client->counters().connectionsOpened.load();
  const auto result = fixture.call(post(server->url("/"), "x"));
  CHECK(result.outcome == UpstreamOutcome::noAnswer);
  CHECK(fixture.client->counters().connectionsOpened == opened);
}

TEST_CASE("Takes a fresh connection when the kept one was closed while idle") {
  TestServer server([](Connection& connection) {
    connection.readRequest();
    connection.write(answer("ok"));
    if (connection.number() > 0) connection.waitForClose();
  });
  ClientFixture fixture;
  CHECK(fixture.call(get(server.url("/"))).outcome == UpstreamOutcome::response);
  fixture.runUntil([&server] { return server.closedConnections() == 1; });
  const auto result = fixture.call(post(server.url("/"), "x"));
  CHECK(result.outcome == UpstreamOutcome::response);
  CHECK_FALSE(result.reused);
}

TEST_CASE("Calls a request unsent when nothing listens") {
  std::uint16_t port = 0;
  { port = TestServer(answerAll).port(); }
  ClientFixture fixture;
  const auto result = fixture.call(post("http://127.0.0.1:" + std::to_string(port) + "/", "x"));
  CHECK(result.outcome == UpstreamOutcome::notSent);
  CHECK_FALSE(result.error.empty());
  CHECK(fixture.client->counters().notSent == 1);
}

TEST_CASE("Calls a request unsent when its host has no address") {
  ClientFixture fixture;
  const auto result = fixture.call(get("https://no-such-host.invalid/"));
  CHECK(result.outcome == UpstreamOutcome::notSent);
}

TEST_CASE("Asks once the connection stands whether a request may still leave") {
  TestServer server([&server](Connection& connection) {
    while (const auto request = connection.readRequest()) {
      server.record(*request);
      connection.write(answer("ok"));
    }
  });
  ClientFixture fixture;
  bool may = false;
  int asked = 0;
  auto request = post(server.url("/"), "x");
  request.mayLeave = [&] {
    ++asked;
    return may;
  };
  const auto refused = fixture.call(request);
  CHECK(refused.outcome == UpstreamOutcome::notSent);
  CHECK(asked == 1);
  may = true;
  CHECK(fixture.call(request).outcome == UpstreamOutcome::response);
  CHECK(asked == 2);
  CHECK(server.requests().size() == 1);
}

TEST_CASE("Has no answer when the connection drops after the request") {
  TestServer server([](Connection& connection) { connection.readRequest(); });
  ClientFixture fixture;
  CHECK(fixture.call(post(server.url("/"), "x")).outcome == UpstreamOutcome::noAnswer);
  CHECK(server.connections() == 1);
}

TEST_CASE("Takes only a complete answer for an answer") {
  const std::vector<std::string> broken = {
      "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello",
      "HTTP/1.1 200 OK\r\nContent-Le",
      "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
      "HTTP/1.1 200 OK\r\n\r\nends with the connection",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      "HTTP/1.1 100 Continue\r\n\r\n",
      "plain text, not HTTP",
      "HTTP/1.1 xyz\r\n\r\n"};
  for (const auto& text : broken) {
    INFO(text);
    TestServer server([&text](Connection& connection) {
      connection.readRequest();
      connection.write(text);
    });
    ClientFixture fixture;
    const auto result = fixture.call(post(server.url("/"), "x"));
    CHECK(result.outcome == UpstreamOutcome::noAnswer);
    CHECK(result.status == 0);
    CHECK(result.body.empty());
    CHECK_FALSE(result.error.empty());
  }
}

TEST_CASE("Reads chunked answers, interim answers and answers without a body") {
  TestServer server([](Connection& connection) {
    connection.readRequest();
    connection.write(
        "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n"
        "Transfer-Encoding: chunked\r\nA: b\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n"
        "Trailer: t\r\n\r\n");
    connection.readRequest();
    connection.write("HTTP/1.1 204 No Content\r\n\r\n");
    connection.waitForClose();
  });
  ClientFixture fixture;
  const auto chunked = fixture.call(get(server.url("/")));
  CHECK(chunked.status == 200);
  CHECK(chunked.body == "hello!");
  CHECK(findHeader(chunked.headers, "link") == nullptr);
  CHECK(findHeader(chunked.headers, "trailer") == nullptr);
  CHECK(fixture.call(get(server.url("/"))).status == 204);
}

TEST_CASE("Caps the answer, announced or not, in body and headers") {
  const std::vector<std::string> large = {
      answer(std::string(101, 'x')),
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n" + std::string(101, 'x') +
          "\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nX: " + std::string(90'000, 'x') + "\r\nContent-Length: 2\r\n\r\nok", [] {
        std::string text = "HTTP/1.1 200 OK\r\n";
        for (int i = 0; i < 300; ++i) text += "X" + std::to_string(i) + ": y\r\n";
        return text + "Content-Length: 2\r\n\r\nok";
      }()};
  for (const auto& text : large) {
    TestServer server([&text](Connection& connection) {
      connection.readRequest();
      connection.write(text);
      connection.waitForClose();
    });
    ClientFixture fixture;
    auto request = get(server.url("/"));
    request.responseBytesMax = 100;
    const auto result = fixture.call(request);
    CHECK(result.outcome == UpstreamOutcome::noAnswer);
    CHECK(contains(result.error, "too "));
  }
  TestServer server([](Connection& connection) {
    connection.readRequest();
    connection.write(answer(std::string(100, 'x')));
    connection.waitForClose();
  });
  ClientFixture fixture;
  auto request = get(server.url("/"));
  request.responseBytesMax = 100;
  CHECK(fixture.call(request).body.size() == 100);
}

TEST_CASE("Ends a request at its deadline, whatever it is doing") {
  TestServer slow([](Connection& connection) {
    connection.readRequest();
    connection.waitForClose();
  });
  TestServer dripping([](Connection& connection) {
    connection.readRequest();
    connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx");
    connection.waitForClose();
  });
  ClientFixture fixture;
  for (const auto* server : {&slow, &dripping}) {
    auto request = post(server->url("/"), "x");
    request.timeoutMs = 50;
    const auto started = fixture.clock.monotonicUs();
    const auto result = fixture.call(request);
    CHECK(result.outcome == UpstreamOutcome::noAnswer);
    CHECK(result.error == "no answer in time");
    CHECK(fixture.clock.monotonicUs() - started >= 50'000);
  }
  auto late = get(slow.url("/"));
  late.timeoutMs = 0;
  CHECK(fixture.call(late).outcome == UpstreamOutcome::notSent);
}

TEST_CASE("Follows no redirect") {
  TestServer server([](Connection& connection) {
    while (connection.readRequest())
      connection.write("HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n");
  });
  ClientFixture fixture;
  CHECK(fixture.call(get(server.url("/"))).status == 302);
}

TEST_CASE("Refuses requests that could be read in two ways, before a byte leaves") {
  TestServer server(answerAll);
  ClientFixture fixture;
  const auto refused = [&](auto change) {
    auto request = post(server.url("/"), "x");
    change(request);
    const auto result = fixture.call(request);
    CHECK_FALSE(result.error.empty());
    return result.outcome == UpstreamOutcome::notSent;
  };
  for (const std::string& value : {std::string("a\r\nX: y"), std::string("a\nb"),
                                   std::string("a\0b", 3), std::string("a\x7f")}) {
    CHECK(refused([&](auto& request) { request.headers.emplace_back("X", value); }));
  }
  for (const char* name : {"", "X:", "X Y", "X\r\nY", "Host", "content-length", "Transfer-Encoding",
                           "Connection", "Expect"}) {
    INFO(name);
    CHECK(refused([&](auto& request) { request.headers.emplace_back(name, "1"); }));
  }
  for (const char* method : {"", "GET /", "CONNECT", "PO\rST"})
    CHECK(refused([&](auto& request) { request.method = method; }));
  for (const char* path : {" ", "\r\n", "\x01", "#f", "\xc3\xa4"})
    CHECK(refused([&](auto& request) { request.url += path; }));
  CHECK(refused([&](auto& request) { request.url += std::string(9000, 'x'); }));
  CHECK(server.connections() == 0);
}

TEST_CASE("Goes only where it may: https, or http to the literal loopback when allowed") {
  TestServer server(answerAll);
  const std::string port = ":" + std::to_string(server.port()) + "/";
  ClientFixture strict{UpstreamSettings{}};
  CHECK(contains(strict.call(get(server.url("/"))).error, "not allowed by the settings"));
  CHECK(strict.call(get("https://127.0.0.1" + port)).outcome == UpstreamOutcome::notSent);
  ClientFixture fixture;
  CHECK(fixture.call(get("http://localhost" + port)).outcome == UpstreamOutcome::response);
  CHECK(fixture.call(get("http://127.0.0.1" + port)).outcome == UpstreamOutcome::response);
  for (const std::string& url :
       {std::string("http://example.com/"), std::string("http://10.0.0.1/"),
        std::string("http://127.0.0.1.example.com/"), std::string("ftp://127.0.0.1/"),
        std::string("file:///etc/passwd"), std::string("/relative"), std::string("https:///"),
        std::string("https://user:pw@127.0.0.1") + port, std::string("https://a\\b/"),
        std::string("https://%31%32%37.0.0.1/"), std::string("")}) {
    INFO(url);
    const auto result = fixture.call(get(url));
    CHECK(result.outcome == UpstreamOutcome::notSent);
    CHECK_FALSE(contains(result.error, "pw"));
  }
  for (const char* url :
       {"https://10.1.2.3/", "https://169.254.169.254/latest", "https://[fd00::1]/",
        "https://0.0.0.0/", "https://[::ffff:10.0.0.1]/", "https://192.168.0.1/"}) {
    INFO(url);
    const auto result = fixture.call(get(url));
    CHECK(result.outcome == UpstreamOutcome::notSent);
    CHECK(contains(result.error, "not on the public internet"));
  }
  CHECK(fixture.client->counters().connectionsOpened == 2);
}

TEST_CASE("Queues above the cap of connections to a host, in order") {
  TestServer server([&server](Connection& connection) {
    while (auto request = connection.readRequest()) {
      server.record(*request);
      connection.write(answer("ok"));
    }
  });
  auto settings = ClientFixture::loopbackSettings();
  settings.connectionsPerHostMax = 1;
  ClientFixture fixture(settings);
  std::vector<int> order;
  for (int i = 0; i < 20; ++i) {
    fixture.client->send(get(server.url("/" + std::to_string(i))), [&order, i](UpstreamResult got) {
      CHECK(got.outcome == UpstreamOutcome::response);
      order.push_back(i);
    });
  }
  fixture.runUntil([&order] { return order.size() == 20; });
  CHECK(std::is_sorted(order.begin(), order.end()));
  CHECK(server.connections() == 1);
}

TEST_CASE("Ends queued requests as unsent: cancelled, too late, or too many") {
  TestServer server([](Connection& connection) {
    connection.readRequest();
    connection.waitForClose();
  });
  auto settings = ClientFixture::loopbackSettings();
  settings.connectionsPerHostMax = 1;
  settings.queueMax = 3;
  ClientFixture fixture(settings);
  std::vector<std::pair<std::string, UpstreamResult>> results;
  const auto send = [&](const std::string& name, std::int64_t timeoutMs) {
    auto request = post(server.url("/"), name);
    request.timeoutMs = timeoutMs;
    return fixture.client->send(request, [&results, name](UpstreamResult got) {
      results.emplace_back(name, std::move(got));
    });
  };
  const auto running = send("running", 15'000);
  const auto queued = send("queued", 15'000);
  send("late", 30);
  send("surplus", 15'000);
  CHECK(fixture.client->counters().inFlight == 3);
  fixture.client->cancel(queued);
  CHECK(results.empty());
  fixture.runUntil([&] { return results.size() == 3; });
  for (const auto& [name, result] : results) {
    INFO(name);
    CHECK(result.outcome == UpstreamOutcome::notSent);
  }
  fixture.client->cancel(running);
  fixture.client->cancel(running);
  fixture.client->cancel(queued);
  fixture.client->cancel(12345);
  fixture.runUntil([&] { return results.size() == 4; });
  CHECK(results.back().first == "running");
  CHECK(results.back().second.outcome == UpstreamOutcome::noAnswer);
  CHECK(fixture.client->counters().inFlight == 0);
}

TEST_CASE("Serves every host in turn when the total cap is reached") {
  TestServer first(answerAll);
  TestServer second(answerAll);
  auto settings = ClientFixture::loopbackSettings();
  settings.connectionsTotalMax = 2;
  ClientFixture fixture(settings);
  int done = 0;
  for (int i = 0; i < 40; ++i) {
    const auto& server = i % 2 == 0 ? first : second;
    fixture.client->send(get(server.url("/")), [&done](UpstreamResult got) {
      CHECK(got.outcome == UpstreamOutcome::response);
      ++done;
    });
  }
  fixture.runUntil([&done] { return done == 40; });
}

TEST_CASE("Carries a thousand requests at once") {
  TestServer server([](Connection& connection) {
    while (auto request = connection.readRequest())
      connection.write(answer(request->substr(0, request->find('\r'))));
  });
  ClientFixture fixture;
  int right = 0;
  int done = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::string path = "/" + std::to_string(i);
    fixture.client->send(get(server.url(path)), [&, path](UpstreamResult got) {
      right += got.body == "GET " + path + " HTTP/1.1" ? 1 : 0;
      ++done;
    });
  }
  CHECK(fixture.client->counters().inFlight == 1000);
  fixture.runUntil([&done] { return done == 1000; });
  CHECK(right == 1000);
  CHECK(server.connections() <= 256);
  CHECK(fixture.client->counters().inFlight == 0);
}

TEST_CASE("Lets an answer send the next request") {
  TestServer server(answerAll);
  ClientFixture fixture;
  int count = 0;
  std::function<void(UpstreamResult)> next = [&](UpstreamResult got) {
    CHECK(got.outcome == UpstreamOutcome::response);
    if (++count < 50) fixture.client->send(get(server.url("/")), next);
  };
  fixture.client->send(get(server.url("/")), next);
  fixture.runUntil([&count] { return count == 50; });
  CHECK(server.connections() == 1);
}

TEST_CASE("Tells every caller when the client goes away") {
  TestServer server([&server](Connection& connection) {
    auto request = connection.readRequest();
    if (request) server.record(*request);
    connection.waitForClose();
  });
  auto settings = ClientFixture::loopbackSettings();
  settings.connectionsPerHostMax = 1;
  ClientFixture fixture(settings);
  std::vector<UpstreamOutcome> outcomes;
  for (int i = 0; i < 2; ++i) {
    fixture.client->send(post(server.url("/"), "x"),
                         [&](UpstreamResult got) { outcomes.push_back(got.outcome); });
  }
  fixture.runUntil([&server] { return server.requests().size() == 1; });
  fixture.client.reset();
  CHECK(outcomes ==
        std::vector<UpstreamOutcome>{UpstreamOutcome::noAnswer, UpstreamOutcome::notSent});
  fixture.loop.runOnce(0);
}

TEST_CASE("Trusts a certificate only of its authority, for its host and in its time") {
  const TestAuthority authority;
  const TestAuthority stranger;
  auto settings = ClientFixture::loopbackSettings();
  settings.caFile = authority.caFile();
  struct Case {
    const char* what;
    std::shared_ptr<ssl_ctx_st> context;
    bool trusted;
  };
  const std::vector<Case> cases = {
      {"right", authority.serverContext("127.0.0.1", 3600), true},
      {"other host", authority.serverContext("example.com", 3600), false},
      {"other address", authority.serverContext("127.0.0.2", 3600), false},
      {"expired", authority.serverContext("127.0.0.1", -3600), false},
      {"stranger", stranger.serverContext("127.0.0.1", 3600), false}};
  for (const auto& [what, context, trusted] : cases) {
    INFO(what);
    TestServer server(
        [&server](Connection& connection) {
          while (auto request = connection.readRequest()) {
            server.record(*request);
            connection.write(answer("ok"));
          }
        },
        context);
    ClientFixture fixture(settings);
    const auto result = fixture.call(post(server.url("/"), "x"));
    CHECK(result.outcome == (trusted ? UpstreamOutcome::response : UpstreamOutcome::notSent));
    CHECK(server.requests().size() == (trusted ? 1U : 0U));
    if (trusted) {
      CHECK(fixture.call(post(server.url("/"), "x")).reused);
    } else {
      CHECK_FALSE(result.error.empty());
    }
  }
}

TEST_CASE("Sends nothing again over TLS either, and keeps large bodies whole") {
  const TestAuthority authority;
  auto settings = ClientFixture::loopbackSettings();
  settings.caFile = authority.caFile();
  TestServer server(
      [&server](Connection& connection) {
        while (auto request = connection.readRequest()) {
          server.record(*request);
          if (contains(*request, "second")) return;
          connection.write(answer(request->substr(request->find("\r\n\r\n") + 4)));
        }
      },
      authority.serverContext("127.0.0.1", 3600));
  ClientFixture fixture(settings);
  const std::string large(700'000, 'b');
  CHECK(fixture.call(post(server.url("/"), large)).body == large);
  CHECK(fixture.call(post(server.url("/"), "second")).outcome == UpstreamOutcome::noAnswer);
  CHECK(fixture.call(post(server.url("/"), "third")).outcome == UpstreamOutcome::response);
  CHECK(server.requests().size() == 3);
}

TEST_CASE("Refuses TLS below 1.2") {
  const TestAuthority authority;
  auto settings = ClientFixture::loopbackSettings();
  settings.caFile = authority.caFile();
  const auto context = authority.serverContext("127.0.0.1", 3600);
  SSL_CTX_set_security_level(context.get(), 0);  // OpenSSL 3 offers nothing old above it
  SSL_CTX_set_max_proto_version(context.get(), TLS1_1_VERSION);
  TestServer server(answerAll, context);
  ClientFixture fixture(settings);
  const auto result = fixture.call(post(server.url("/"), "x"));
  CHECK(result.outcome == UpstreamOutcome::notSent);
  CHECK(contains(result.error, "alert protocol version"));
}

TEST_CASE("Calls a request unsent while TLS doesn't stand: plain text, silence, cancelled") {
  TestServer plain([](Connection& connection) {
    connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    connection.waitForClose();
  });
  TestServer silent([](Connection& connection) { connection.waitForClose(); });
  ClientFixture fixture;
  const auto tls = [](const TestServer& server) {
    return post("https://127.0.0.1:" + std::to_string(server.port()) + "/", "x");
  };
  CHECK(fixture.call(tls(plain)).outcome == UpstreamOutcome::notSent);
  auto late = tls(silent);
  late.timeoutMs = 50;
  CHECK(fixture.call(late).outcome == UpstreamOutcome::notSent);
  std::optional<UpstreamResult> result;
  const auto id =
      fixture.client->send(tls(silent), [&result](UpstreamResult got) { result = std::move(got); });
  fixture.runUntil([&silent] { return silent.connections() == 2; });
  fixture.client->cancel(id);
  CHECK_FALSE(result);
  fixture.runUntil([&result] { return result.has_value(); });
  CHECK(result->outcome == UpstreamOutcome::notSent);
  CHECK(result->error == "cancelled");
}
