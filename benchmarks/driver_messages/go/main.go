// What Go's drivers say of each fault. Needs the packages that README.md names; run under faults.py.
package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"time"

	_ "github.com/go-sql-driver/mysql"
	"github.com/gomodule/redigo/redis"
	"github.com/jackc/pgx/v4"
	_ "github.com/lib/pq"
	amqp "github.com/rabbitmq/amqp091-go"
	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
	"google.golang.org/grpc"
)

const local = "127.0.0.1"

type link struct {
	Type   string  `json:"type"`
	Module *string `json:"module"`
	Value  string  `json:"value"`
}

// As Sentry's SDK reports it: wrapped errors first.
func chain(err error) []link {
	var links []link
	for ; err != nil && len(links) < 8; err = errors.Unwrap(err) {
		links = append([]link{{Type: fmt.Sprintf("%T", err), Value: err.Error()}}, links...)
	}
	return links
}

func tell(driver, fault, host, port string, provoke func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.Background(), 900*time.Millisecond)
	defer cancel()
	err := provoke(ctx)
	if err == nil {
		fmt.Fprintf(os.Stderr, "%s, %s: nothing failed\n", driver, fault)
		return
	}
	row := map[string]any{"language": "go", "driver": driver, "version": os.Getenv("VERSION_" + driver),
		"fault": fault, "host": host, "port": port, "chain": chain(err)}
	if driver == "net/http" || driver == "encoding/json" {
		row["version"] = runtime.Version()
	}
	line, _ := json.Marshal(row)
	fmt.Println(string(line))
}

func ping(driver, dsn string) func(context.Context) error {
	return func(ctx context.Context) error {
		db, err := sql.Open(driver, dsn)
		if err != nil {
			return err
		}
		defer db.Close()
		return db.PingContext(ctx)
	}
}

func get(url string) func(context.Context) error {
	return func(ctx context.Context) error {
		request, _ := http.NewRequestWithContext(ctx, "GET", url, nil)
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		var value map[string]any
		return json.NewDecoder(answer.Body).Decode(&value)
	}
}

func drivers(host, port string) map[string]func(context.Context) error {
	at := host + ":" + port
	return map[string]func(context.Context) error{
		"pgx": func(ctx context.Context) error {
			_, err := pgx.Connect(ctx, "postgres://app:x@"+at+"/orders?sslmode=disable")
			return err
		},
		"pq":    ping("postgres", "postgres://app:x@"+at+"/orders?sslmode=disable&connect_timeout=1"),
		"mysql": ping("mysql", "app:x@tcp("+at+")/orders?timeout=800ms&readTimeout=800ms"),
		"redigo": func(context.Context) error {
			limit := 700 * time.Millisecond
			c, err := redis.Dial("tcp", at, redis.DialConnectTimeout(limit), redis.DialReadTimeout(limit))
			if err == nil {
				_, err = c.Do("GET", "key")
			}
			return err
		},
		"amqp091": func(context.Context) error {
			_, err := amqp.DialConfig("amqp://guest:guest@"+at+"/", amqp.Config{Dial: amqp.DefaultDial(700 * time.Millisecond)})
			return err
		},
		"mongo": func(ctx context.Context) error {
			client, err := mongo.Connect(ctx, options.Client().ApplyURI("mongodb://"+at).
				SetServerSelectionTimeout(600*time.Millisecond))
			if err != nil {
				return err
			}
			return client.Database("orders").Collection("items").FindOne(ctx, bson.D{}).Err()
		},
		"grpc": func(ctx context.Context) error {
			c, err := grpc.Dial(at, grpc.WithInsecure())
			if err != nil {
				return err
			}
			return c.Invoke(ctx, "/payments.Payments/Charge", new(emptyMessage), new(emptyMessage))
		},
		"net/http": get("http://" + at + "/"),
	}
}

type emptyMessage struct{}

func (*emptyMessage) Reset()         {}
func (*emptyMessage) String() string { return "" }
func (*emptyMessage) ProtoMessage()  {}

func main() {
	env := os.Getenv
	for fault, at := range map[string][2]string{
		"refused": {local, env("FAULT_CLOSED")}, "unknown_host": {env("FAULT_UNKNOWN"), "7777"},
		"timeout": {local, env("FAULT_SILENT")}, "garbage": {local, env("FAULT_RUBBISH")},
		"reset": {local, env("FAULT_RESET")}, "hangup": {local, env("FAULT_HANGUP")},
	} {
		for driver, provoke := range drivers(at[0], at[1]) {
			tell(driver, fault, at[0], at[1], provoke)
		}
	}
	tell("net/http", "tls", local, env("FAULT_TLS"), get("https://"+local+":"+env("FAULT_TLS")+"/"))
	tell("net/http", "tls", local, env("FAULT_HTTP"), get("https://"+local+":"+env("FAULT_HTTP")+"/"))
	tell("net/http", "midway", local, env("FAULT_MIDWAY"), get("http://"+local+":"+env("FAULT_MIDWAY")+"/"))
	tell("encoding/json", "html", local, env("FAULT_HTTP"), get("http://"+local+":"+env("FAULT_HTTP")+"/html"))
	for _, refusal := range []string{"too_many", "starting", "stopping", "password", "no_database"} {
		dsn := "postgres://app:x@" + local + ":" + env("FAULT_POSTGRES") + "/" + refusal + "?sslmode=disable"
		tell("pq", refusal, local, env("FAULT_POSTGRES"), ping("postgres", dsn))
		tell("pgx", refusal, local, env("FAULT_POSTGRES"), func(ctx context.Context) error {
			_, err := pgx.Connect(ctx, dsn)
			return err
		})
	}
	tell("mysql", "too_many", local, env("FAULT_MYSQL"), ping("mysql", "app:x@tcp("+local+":"+env("FAULT_MYSQL")+")/orders"))
}
