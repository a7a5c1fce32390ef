#include "net/edge_server.hpp"

#include <netinet/in.h>
#include <sys/resource.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <stdexcept>
#include <vector>

#include "net/edge_test_support.hpp"
#include "net/http_writer.hpp"

using namespace unigate::net;
using namespace unigate::net::testing;

TEST_CASE("Answers with length and date and keeps the connection for the next request") {
  TestServer server;
  Client client(server.port);
  client.send(get("/a?x=1"));
  const std::string first = client.readAnswer();
  CHECK(first.rfind("HTTP/1.1 200 OK\r\n", 0) == 0);
  CHECK(contains(first, "\r\nDate: "));
  CHECK(contains(first, "\r\nContent-Length: 7\r\n"));
  CHECK(contains(first, "\r\nX-Path: /a\r\n"));
  CHECK_FALSE(contains(first, "Connection:"));
  CHECK(bodyOf(first) == "GET /a ");
  client.send(post("/b", "body"));
  CHECK(bodyOf(client.readAnswer()) == "POST /b body");
  CHECK(server.server->counters().accepted == 1);
}

TEST_CASE("Tells the handler who asks") {
  Request seen;
  TestServer server(testSettings(), [&](Request&& request, const Responder& responder) {
    seen = request;
    echo(std::move(request), responder);
  });
  Client client(server.port);
  client.send(get("/"));
  client.readAnswer();
  CHECK(seen.remoteAddress == "127.0.0.1");
  CHECK_FALSE(seen.tls);
  CHECK(seen.receivedUs > 0);
}

TEST_CASE("Answers pipelined requests in order, even when they are ready in another") {
  std::vector<std::pair<std::string, Responder>> waiting;
  TestServer server(testSettings(), [&](Request&& request, Responder responder) {
    waiting.emplace_back(request.path, std::move(responder));
    if (waiting.size() < 4) return;
    for (auto it = waiting.rbegin(); it != waiting.rend(); ++it) {
      Response response;
      response.body = it->first;
      it->second.send(std::move(response));
    }
    waiting.clear();
  });
  Client client(server.port);
  client.send(get("/1") + get("/2") + post("/3", "x") + get("/4"));
  for (const char* path : {"/1", "/2", "/3", "/4"}) CHECK(bodyOf(client.readAnswer()) == path);
}

TEST_CASE("Reads no further than the pipeline is deep") {
  std::size_t inFlight = 0;
  std::size_t most = 0;
  EventLoop* loop = nullptr;
  TestServer server(testSettings(), [&](Request&& request, Responder responder) {
    most = std::max(most, ++inFlight);
    loop->after(1, [&inFlight, responder, path = request.path] {
      --inFlight;
      Response response;
      response.body = path;
      responder.send(std::move(response));
    });
  });
  loop = &server.loop;
  Client client(server.port);
  std::string requests;
  for (int i = 0; i < 200; ++i) requests += get("/" + std::to_string(i));
  client.send(requests);
  for (int i = 0; i < 200; ++i) CHECK(bodyOf(client.readAnswer()) == "/" + std::to_string(i));
  server.onLoop([&] { CHECK(most == unigate::base::limits::kPipelineDepthMax); });
}

TEST_CASE("A request that nobody answers gets a 500") {
  std::vector<std::thread> threads;
  TestServer server(testSettings(), [&](Request&& request, Responder responder) {
    if (request.path == "/throws") throw std::runtime_error("out of the handler");
    if (request.path == "/elsewhere") {
      threads.emplace_back([responder = std::make_unique<Responder>(std::move(responder))] {});
    }
  });
  Client client(server.port);
  for (const char* path : {"/dropped", "/throws", "/elsewhere"}) {
    client.send(get(path));
    CHECK(client.readAnswer().rfind("HTTP/1.1 500 ", 0) == 0);
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(server.server->counters().handlerFaults == 1);
}

TEST_CASE("Only the first answer counts") {
  TestServer server(testSettings(), [](Request&&, const Responder& responder) {
    const Responder copy = responder;
    Response response;
    response.body = "first";
    responder.send(response);
    response.body = "second";
    copy.send(response);
  });
  Client client(server.port);
  client.send(get("/") + get("/"));
  CHECK(bodyOf(client.readAnswer()) == "first");
  CHECK(bodyOf(client.readAnswer()) == "first");
}

TEST_CASE("A header value with a line end cannot end the answer early") {
  TestServer server(testSettings(), [](Request&& request, const Responder& responder) {
    Response response;
    const bool name = request.path == "/name";
    response.headers.emplace_back(name ? "X-A: b\r\nX-Evil" : "X-A", name ? "c" : "b\r\nX-Evil: c");
    responder.send(std::move(response));
  });
  Client client(server.port);
  for (const char* path : {"/name", "/value"}) {
    client.send(get(path));
    const std::string answer = client.readAnswer();
    CHECK(answer.rfind("HTTP/1.1 500 ", 0) == 0);
    CHECK_FALSE(contains(answer, "X-Evil"));
  }
}

TEST_CASE("The server alone writes the fields of framing") {
  TestServer server(testSettings(), [](Request&&, const Responder& responder) {
    Response response;
    response.headers = {
        {"content-length", "99"}, {"DATE", "never"}, {"Transfer-Encoding", "chunked"}};
    response.body = "ok";
    responder.send(std::move(response));
  });
  Client client(server.port);
  client.send(get("/"));
  const std::string answer = client.readAnswer();
  CHECK(contains(answer, "Content-Length: 2\r\n"));
  CHECK_FALSE(contains(answer, "99"));
  CHECK_FALSE(contains(answer, "never"));
  CHECK_FALSE(contains(answer, "chunked"));
}

TEST_CASE("HEAD gets the length but no body, 204 and 304 get neither") {
  TestServer server(testSettings(), [](Request&& request, const Responder& responder) {
    Response response;
    response.status = request.path == "/204" ? 204 : request.path == "/304" ? 304 : 200;
    response.body = "twelve bytes";
    responder.send(std::move(response));
  });
  Client client(server.port);
  client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + get("/204") +
              get("/304", "Connection: close\r\n"));
  const std::string all = client.readToEnd();
  CHECK_FALSE(contains(all, "twelve bytes"));
  CHECK(contains(all, "HTTP/1.1 200 OK"));
  CHECK(contains(all, "Content-Length: 12\r\n"));
  CHECK(contains(all, "HTTP/1.1 204 No Content"));
  CHECK(contains(all, "HTTP/1.1 304 Not Modified"));
  CHECK(std::count(all.begin(), all.end(), 'L') == 1);  // of the one Content-Length
}

TEST_CASE("Closes after a request that asks for it, and answers nothing behind it") {
  TestServer server;
  Client client(server.port);
  client.send(get("/1", "Connection: close\r\n") + get("/2"));
  const std::string all = client.readToEnd();
  CHECK(contains(all, "Connection: close\r\n"));
  CHECK(contains(all, "/1"));
  CHECK_FALSE(contains(all, "/2"));
}

TEST_CASE("Closes after an answer that asks for it") {
  TestServer server(testSettings(), [](Request&&, const Responder& responder) {
    Response response;
    response.close = true;
    responder.send(std::move(response));
  });
  Client client(server.port);
  client.send(get("/1") + get("/2"));
  const std::string all = client.readToEnd();
  CHECK(contains(all, "Connection: close\r\n"));
  CHECK(all.find("HTTP/1.1", 1) == std::string::npos);
}

TEST_CASE("HTTP/1.0 closes unless the client asks to keep the connection") {
  TestServer server;
  Client closes(server.port);
  closes.send("GET /1 HTTP/1.0\r\n\r\n");
  CHECK(contains(closes.readToEnd(), "Connection: close\r\n"));
  Client stays(server.port);
  stays.send("GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  CHECK(contains(stays.readAnswer(), "Connection: keep-alive\r\n"));
  stays.send("GET /2 HTTP/1.0\r\n\r\n");
  CHECK(contains(stays.readToEnd(), "/2"));
}

TEST_CASE("An error answer arrives although the client goes on sending") {
  std::string code;
  TestServer server(testSettings(), echo,
                    [&](int status, std::string_view problem, std::string_view detail) {
                      code = problem;
                      Response response;
                      response.status = status;
                      response.body = "rendered: " + std::string(detail);
                      return response;
                    });
  Client client(server.port);
  client.send("GET / HTTP/9.9\r\n\r\n");
  client.send(std::string(1 << 20, 'x'));
  const std::string all = client.readToEnd();
  CHECK(all.rfind("HTTP/1.1 400 Bad Request\r\n", 0) == 0);
  CHECK(contains(all, "Connection: close\r\n"));
  CHECK(contains(all, "rendered: "));
  CHECK(client.failed == 0);
  server.onLoop([&] { CHECK(code == "bad_request"); });
  CHECK(server.server->counters().badRequests == 1);
}

TEST_CASE("An error stands behind the answers that came before it") {
  TestServer server;
  Client client(server.port);
  client.send(get("/good") + "BAD\x01\r\n\r\n" + get("/never"));
  CHECK(bodyOf(client.readAnswer()) == "GET /good ");
  const std::string rest = client.readToEnd();
  CHECK(rest.rfind("HTTP/1.1 400 ", 0) == 0);
  CHECK_FALSE(contains(rest, "/never"));
}

TEST_CASE("Refuses an announced body that is too large before it is sent") {
  EdgeSettings settings = testSettings();
  settings.bodyBytesMax = 1000;
  TestServer server(settings);
  Client client(server.port);
  client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n");
  const std::string all = client.readToEnd();
  CHECK(all.rfind("HTTP/1.1 413 ", 0) == 0);
}

TEST_CASE("Takes bodies up to the limit, whole and in chunks, and sends large answers") {
  TestServer server;
  Client client(server.port);
  std::string body(unigate::base::limits::kBodyBytesMax, 'b');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>('a' + i % 23);
  std::thread writer([&] { client.send(post("/whole", body)); });
  CHECK(bodyOf(client.readAnswer()) == "POST /whole " + body);
  writer.join();
  std::string chunks = "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (std::size_t at = 0; at < body.size(); at += 4096) {
    chunks += "1000\r\n" + body.substr(at, 4096) + "\r\n";
  }
  writer = std::thread([&] { client.send(chunks + "0\r\n\r\n"); });
  CHECK(bodyOf(client.readAnswer()) == "POST /c " + body);
  writer.join();
}

TEST_CASE("Asks for the body with 100 Continue, in turn with earlier answers") {
  std::unique_ptr<Responder> first;
  TestServer server(testSettings(), [&](Request&& request, const Responder& responder) {
    if (request.path == "/first") {
      first = std::make_unique<Responder>(responder);
    } else {
      echo(std::move(request), responder);
    }
  });
  Client client(server.port);
  client.send(get("/first"));
  client.send("POST /p HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  server.catchUp();
  server.loop.post([&] { first->send({}); });
  CHECK(client.readAnswer().rfind("HTTP/1.1 200 OK\r\n", 0) == 0);
  CHECK(client.readHead() == "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("body");
  CHECK(bodyOf(client.readAnswer()) == "POST /p body");
}

TEST_CASE("Refuses an unknown expectation with 417") {
  TestServer server;
  Client client(server.port);
  client.send(post("/", "x", "Expect: miracles\r\n"));
  CHECK(client.readToEnd().rfind("HTTP/1.1 417 ", 0) == 0);
}

TEST_CASE("A client that has finished sending still gets its answer") {
  std::unique_ptr<Responder> waiting;
  std::promise<void> arrived;
  TestServer server(testSettings(), [&](Request&&, const Responder& responder) {
    waiting = std::make_unique<Responder>(responder);
    arrived.set_value();
  });
  Client client(server.port);
  client.send(get("/"));
  arrived.get_future().get();
  REQUIRE(shutdown(client.fd, SHUT_WR) == 0);
  server.catchUp();
  server.loop.post([&] {
    CHECK(waiting->connected());
    Response response;
    response.body = "late";
    waiting->send(std::move(response));
  });
  CHECK(bodyOf(client.readToEnd()) == "late");
}

TEST_CASE("Knows when the client has gone, and drops the answer") {
  const unigate::base::SystemClock clock;
  EventLoop loop(clock);
  std::unique_ptr<Responder> waiting;
  EdgeServer server(loop, testSettings(), ledgerOf(testSettings()),
                    [&](Request&&, const Responder& responder) {
                      waiting = std::make_unique<Responder>(responder);
                    },
                    {});
  REQUIRE(server.listen().has_value());
  {
    Client client(server.port());
    client.send(get("/"));
    while (waiting == nullptr) loop.runOnce(1000);
    CHECK(waiting->connected());
    const linger reset{1, 0};
    setsockopt(client.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  }
  while (server.counters().open != 0) loop.runOnce(1000);
  CHECK_FALSE(waiting->connected());
  waiting->send({});
}

TEST_CASE("A responder may outlive its server") {
  std::unique_ptr<Responder> waiting;
  {
    const unigate::base::SystemClock clock;
    EventLoop loop(clock);
    EdgeServer server(loop, testSettings(), ledgerOf(testSettings()),
                      [&](Request&&, const Responder& responder) {
                        waiting = std::make_unique<Responder>(responder);
                      },
                      {});
    REQUIRE(server.listen().has_value());
    Client client(server.port());
    client.send(get("/"));
    while (waiting == nullptr) loop.runOnce(1000);
  }
  CHECK_FALSE(waiting->connected());
  waiting->send({});
  waiting.reset();
}

TEST_CASE("Refuses connections beyond the cap with 503 and takes them again when there is room") {
  EdgeSettings settings = testSettings();
  settings.connectionsPerAddressMax = 2;
  TestServer server(settings);
  Client first(server.port);
  auto second = std::make_unique<Client>(server.port);
  first.send(get("/"));
  first.readAnswer();
  second->send(get("/"));
  second->readAnswer();
  {
    Client third(server.port);
    CHECK(third.readToEnd().rfind("HTTP/1.1 503 ", 0) == 0);
  }
  CHECK(server.server->counters().refusedByCap == 1);
  // The answer of one that closes comes with its end: then it no longer counts.
  second->send(get("/", "Connection: close\r\n"));
  second->readToEnd();
  second.reset();
  bool served = false;
  for (int attempt = 0; attempt < 1000 && !served; ++attempt) {
    Client again(server.port);
    served = again.send(get("/")) && again.readAnswer().rfind("HTTP/1.1 200 ", 0) == 0;
  }
  CHECK(served);
}

TEST_CASE("The ledger counts in total and by address") {
  ConnectionLedger ledger(3, 2);
  CHECK(ledger.enter("a"));
  CHECK(ledger.enter("a"));
  CHECK_FALSE(ledger.enter("a"));
  CHECK(ledger.enter("b"));
  CHECK_FALSE(ledger.enter("c"));
  CHECK(ledger.total() == 3);
  ledger.leave("a");
  CHECK(ledger.enter("c"));
  CHECK_FALSE(ledger.enter("d"));
}

TEST_CASE("Out of file descriptors it pauses and serves the client later") {
  const unigate::base::SystemClock clock;
  EventLoop loop(clock);
  EdgeServer server(loop, testSettings(), ledgerOf(testSettings()), echo, {});
  REQUIRE(server.listen().has_value());
  Client client(server.port());
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  const int next = dup(client.fd);  // the lowest free number
  REQUIRE(next >= 0);
  close(next);
  const rlimit none{static_cast<rlim_t>(next), before.rlim_max};
  REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
  while (server.counters().acceptPauses == 0) loop.runOnce(1000);
  REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
  while (server.counters().accepted == 0) loop.runOnce(1000);
  client.send(get("/later"));
  while (recv(client.fd, nullptr, 0, MSG_DONTWAIT | MSG_PEEK | MSG_TRUNC) < 0 ||
         client.pending.empty()) {
    loop.runOnce(10);
    char byte = 0;
    if (recv(client.fd, &byte, 1, MSG_DONTWAIT) == 1) client.pending.push_back(byte);
  }
  CHECK(bodyOf(client.readAnswer()) == "GET /later ");
}

TEST_CASE("The date is that of RFC 9110 and follows the clock") {
  HttpDate date;
  CHECK(date.at(784'111'777'000) == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(date.at(784'111'777'999) == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(date.at(784'111'778'000) == "Sun, 06 Nov 1994 08:49:38 GMT");
}
