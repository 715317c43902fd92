package demo

import (
	"encoding/json"
	"fmt"
)

// Again is one of the people as the hospital wrote them down: a letter of the name
// is another, and the phone number is spelled otherwise. Its id is
// "from-the-hospital".
func Again(w World) []byte {
	var x struct {
		BirthDate string
		Gender    string
		Name      []struct {
			Family string
			Given  []string
		}
		Telecom []struct{ System, Value string }
	}
	for _, c := range w.Clients {
		if c.Household != "ruiz" {
			continue
		}
		if err := json.Unmarshal(c.Resources[0].JSON, &x); err != nil || len(x.Name) == 0 || len(x.Name[0].Given) == 0 {
			continue
		}
		break
	}
	phone := ""
	for _, t := range x.Telecom {
		if t.System == "phone" {
			phone = t.Value
		}
	}
	return []byte(fmt.Sprintf(`{"resourceType":"Patient","id":"from-the-hospital","name":[{"family":"Ruis","given":[%q]}],"gender":%q,"birthDate":%q,"telecom":[{"system":"phone","value":%q}]}`,
		x.Name[0].Given[0], x.Gender, x.BirthDate, phone))
}
